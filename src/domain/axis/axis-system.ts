import type { Bilingual } from '../bilingual.ts'
import type { AgencyCode } from '../identifiers.ts'

/** A system that speaks the axis interface with this gateway, by its `systemid`. */
export interface AxisSystem {
  /** The id of its client, too: 3 to 100 of `A-Z a-z 0-9 . _ -`. */
  readonly systemId: string
  readonly name: string
  /** The agency that its client belongs to; among those that it serves. */
  readonly agency: AgencyCode
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
  /** What an administrator wishes it to have that a second one has not confirmed yet; null: nothing. */
  readonly proposal: AxisProposal | null
}

/** What a system may do, and what shows that it is the system. */
export type AxisReach = Pick<AxisSystem, 'serves' | 'rights' | 'networks' | 'certificateSha256'>

/** A reach that takes two administrators. It gives nothing until it is confirmed, and then all of it is in force. */
export interface AxisProposal extends AxisReach {
  readonly proposedBy: string
  readonly proposedAt: Date
  /** SHA-256 of what is proposed, hex: a confirmation names it, so that it confirms what was seen. */
  readonly sha256: string
}

export interface ServedAgency {
  readonly code: AgencyCode
  /** Whether also everybody who stands beneath it, however far, on the day. */
  readonly withBeneath: boolean
}

/** What a system may do beside sending and receiving. */
export type AxisRight = 'register-agencies' | 'gateway'

export const AXIS_RIGHTS: Record<AxisRight, Bilingual> = {
  'register-agencies': {
    vi: 'đề nghị ghi thêm, xóa cơ quan trong danh bạ (thành bản nháp)',
    en: 'has agencies entered into and struck from the directory, as a draft',
  },
  gateway: {
    vi: 'chuyển niêm phong và vết đường đi như một trục khác',
    en: 'hands on seals and ways as another gateway does',
  },
}

/** Long-lived clients sign with the time at which they started. */
export const DEFAULT_CLOCK_TOLERANCE_SECONDS = 24 * 60 * 60
