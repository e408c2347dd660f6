import type { Bilingual } from './bilingual.ts'
import type { DeliveryState } from './delivery-state.ts'

/**
 * Where a document is, seen over all its recipients. Never stored: it follows from its deliveries, so that the two
 * cannot disagree.
 */
export type DocumentState =
  | 'accepted'
  | 'in-transit'
  | 'delivered'
  | 'delivered-in-part'
  | 'failed'
  | 'withdrawn'

export const DOCUMENT_STATES: Record<
  DocumentState,
  { label: Bilingual; next: Partial<Record<DocumentState, string>> }
> = {
  accepted: {
    label: { vi: 'đã tiếp nhận vào trục', en: 'accepted by the gateway' },
    next: {
      'in-transit': 'one recipient has it, others not yet',
      delivered: 'every recipient has it',
      'delivered-in-part': 'some have it, for the others it failed or was withdrawn',
      failed: 'given up for every recipient',
      withdrawn: 'withdrawn from every recipient',
    },
  },
  'in-transit': {
    label: { vi: 'đang chuyển', en: 'in transit' },
    next: {
      delivered: 'the last recipient got it',
      'delivered-in-part': 'the last open delivery failed or was withdrawn',
    },
  },
  delivered: { label: { vi: 'đã chuyển đủ', en: 'delivered' }, next: {} },
  'delivered-in-part': {
    label: { vi: 'đã chuyển một phần', en: 'delivered in part' },
    next: {
      'in-transit': 'a failed delivery was retried',
      delivered: 'a failed delivery was fetched after all',
    },
  },
  failed: {
    label: { vi: 'không chuyển được', en: 'failed' },
    next: {
      accepted: 'a failed delivery was retried',
      'delivered-in-part': 'a failed delivery was fetched after all',
      delivered: 'the only failed delivery was fetched after all',
      withdrawn: 'the last failed delivery was withdrawn',
    },
  },
  withdrawn: { label: { vi: 'đã rút lại', en: 'withdrawn' }, next: {} },
}

const isOpen = (state: DeliveryState): boolean => state === 'waiting' || state === 'available'
const hasArrived = (state: DeliveryState): boolean => state === 'handed-over' || state === 'acknowledged'

/** The state of a document whose deliveries stand in these states. */
export function documentStateOf(deliveries: readonly DeliveryState[]): DocumentState {
  const open = deliveries.some(isOpen)
  const arrived = deliveries.some(hasArrived)
  if (open) return arrived ? 'in-transit' : 'accepted'
  if (arrived) return deliveries.every(hasArrived) ? 'delivered' : 'delivered-in-part'
  if (deliveries.some((state) => state === 'failed')) return 'failed'
  return deliveries.length === 0 ? 'delivered' : 'withdrawn'
}
