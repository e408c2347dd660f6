import type { EndpointChannelId } from './channel-id.ts'
import type { AgencyCode } from './identifiers.ts'
import type { TierCode } from './tier.ts'

/** An agency as the directory knows it. Dates are `yyyy-MM-dd`, Vietnam time; `validTo` is the first day after its end. */
export interface Agency {
  readonly code: AgencyCode
  readonly name: string
  readonly tier: TierCode
  readonly parent: AgencyCode | null
  readonly validFrom: string
  readonly validTo: string | null
  /** Who took over when it closed, where known. */
  readonly successor: AgencyCode | null
}

export const isOpenOn = (agency: Agency, date: string): boolean =>
  agency.validFrom <= date && (agency.validTo === null || date < agency.validTo)

/** Where a recipient's system is told of new documents. */
export interface Endpoint {
  readonly agency: AgencyCode
  readonly channel: EndpointChannelId
  readonly url: string | null
  readonly paused: boolean
}
