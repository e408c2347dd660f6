import type { AgencyCode } from './identifiers.ts'

export type Role = 'agency' | 'admin' | 'auditor'

/** Who is calling, as the door has authenticated it. */
export interface Caller {
  readonly clientId: string
  readonly role: Role
  /** The agency that the client acts for; null for administrators and auditors. */
  readonly agency: AgencyCode | null
}
