import type { Bilingual } from './bilingual.ts'

/**
 * Where one document is on its way to one recipient.
 * - waiting: accepted; to be handed to its channel when due (or again, after a failed attempt);
 * - available: the channel has done its part: it lies in the recipient's inbox, the recipient was told;
 * - handed-over: the recipient's system has begun to fetch the bytes: it may hold the document from now on;
 * - acknowledged: the recipient's system confirms that it stored the document;
 * - withdrawn: recalled, updated, replaced or cancelled before hand-over: the recipient never got it and never will;
 * - failed: given up, with a reason; an administrator may retry.
 */
export type DeliveryState = 'waiting' | 'available' | 'handed-over' | 'acknowledged' | 'withdrawn' | 'failed'

export interface DeliveryStateRow {
  readonly label: Bilingual
  /** What may follow, each with the event that brings it about. */
  readonly next: Partial<Record<DeliveryState, string>>
}

export const DELIVERY_STATES: Record<DeliveryState, DeliveryStateRow> = {
  waiting: {
    label: { vi: 'chờ chuyển', en: 'waiting' },
    next: {
      available: 'channel succeeded',
      waiting: 'channel failed, retry later',
      'handed-over': 'recipient fetched while its endpoint was failing',
      failed: 'channel refused, attempts exhausted, or worker after worker died over it',
      withdrawn: 'recalled, updated or replaced before hand-over, or cancelled by an administrator',
    },
  },
  available: {
    label: { vi: 'đã đến hộp thư', en: 'available in the inbox' },
    next: {
      'handed-over': 'recipient fetched',
      withdrawn: 'recalled, updated or replaced before hand-over, or cancelled by an administrator',
    },
  },
  'handed-over': {
    label: { vi: 'đã chuyển giao', en: 'handed over' },
    next: { acknowledged: 'recipient acknowledged' },
  },
  acknowledged: { label: { vi: 'bên nhận đã xác nhận', en: 'acknowledged' }, next: {} },
  withdrawn: {
    label: { vi: 'đã rút lại trước khi chuyển giao', en: 'withdrawn before hand-over' },
    next: {},
  },
  failed: {
    label: { vi: 'không chuyển được', en: 'failed' },
    next: {
      waiting: 'retried by an administrator',
      'handed-over': 'recipient fetched after its endpoint was given up',
      withdrawn: 'recalled, updated or replaced before hand-over, or cancelled by an administrator',
    },
  },
}

export const DELIVERY_STATE_IDS = Object.keys(DELIVERY_STATES) as DeliveryState[]

export const canMove = (from: DeliveryState, to: DeliveryState): boolean => to in DELIVERY_STATES[from].next

/** The states from which a move to `to` is allowed: what a guarded UPDATE puts in its WHERE. */
export const statesBefore = (to: DeliveryState): DeliveryState[] =>
  DELIVERY_STATE_IDS.filter((from) => canMove(from, to))
