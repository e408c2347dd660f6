import type { Bilingual } from '../bilingual.ts'
import type { Fault } from '../fault.ts'

/** Whether a packet carries a document or a status, in the words of the axis interface. */
export type AxisMessageType = 'edoc' | 'status'

/**
 * How far a packet is that another exchange holds for this gateway: seen on its list; its bytes durable here; taken in
 * as a document; or not to be taken in, with the reason and the bytes kept.
 */
export type ArrivalState = 'listed' | 'fetched' | 'accepted' | 'refused'

export const ARRIVAL_STATES: Record<ArrivalState, { readonly label: Bilingual }> = {
  listed: { label: { vi: 'có trong danh sách', en: 'on the list' } },
  fetched: { label: { vi: 'đã lấy về', en: 'fetched' } },
  accepted: { label: { vi: 'đã tiếp nhận', en: 'taken in' } },
  refused: { label: { vi: 'không tiếp nhận được', en: 'refused' } },
}

/** Why a packet was not taken in, or not yet. */
export interface ArrivalProblem {
  /** A code of the catalogue of problems, `not-fetched`, or how an operation of the other exchange failed. */
  readonly code: string
  readonly explanation: Bilingual
  /** The first of them. */
  readonly faults: readonly Fault[]
}
