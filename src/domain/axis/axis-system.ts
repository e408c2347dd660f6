import type { AgencyCode } from '../identifiers.ts'

/** A system that speaks the axis interface with this gateway, by its `systemid`. */
export interface AxisSystem {
  /** The id of its client, too: 3 to 100 of `A-Z a-z 0-9 . _ -`. */
  readonly systemId: string
  readonly name: string
  /** The agencies in whose name it sends and receives. */
  readonly serves: readonly ServedAgency[]
  readonly rights: readonly AxisRight[]
  /** Networks (CIDR) that it calls from; empty: any. */
  readonly networks: readonly string[]
  /** SHA-256 of the TLS certificate that it must show, hex; null: none. */
  readonly certificateSha256: string | null
  /** Seconds by which the time in its headers may differ from the gateway's clock. */
  readonly clockToleranceSeconds: number
  readonly revokedAt: Date | null
}

export interface ServedAgency {
  readonly code: AgencyCode
  /** Whether also everybody who stands beneath it, however far, on the day. */
  readonly withBeneath: boolean
}

/**
 * What a system may do beside sending and receiving: have agencies entered into and struck from the directory (as a
 * draft); hand on seals and ways as another gateway does.
 */
export type AxisRight = 'register-agencies' | 'gateway'

/** Long-lived clients sign with the time at which they started. */
export const DEFAULT_CLOCK_TOLERANCE_SECONDS = 24 * 60 * 60
