import type { AgencyCode } from './identifiers.ts'

export type Role = 'agency' | 'admin' | 'auditor'

/** `gateway`: another exchange, from which this gateway fetches. It is on record as a client, and cannot sign in. */
export type CallerRole = Role | 'gateway'

/** Who is calling, as the door has authenticated it. */
export interface Caller {
  readonly clientId: string
  readonly role: CallerRole
  /** The agency that the client acts for; null for administrators, auditors and other exchanges. */
  readonly agency: AgencyCode | null
}
