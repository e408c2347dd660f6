import type { Bilingual } from './bilingual.ts'

/**
 * Where one document is on its way to one recipient.
 * - waiting: accepted; to be handed to its channel when due (or again, after a failed attempt);
 * - available: the channel has done its part: it lies in the recipient's inbox, the recipient was told;
 * - handed-over: the recipient's system has begun to fetch the bytes, or another exchange has taken them: it may hold the
 *   document from now on;
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

const WITHDRAWN =
  'recalled, updated or replaced before hand-over, cancelled by an administrator, or joined with its successor'

export const DELIVERY_STATES: Record<DeliveryState, DeliveryStateRow> = {
  waiting: {
    label: { vi: 'chờ chuyển', en: 'waiting' },
    next: {
      available: 'channel succeeded',
      waiting:
        'channel failed and is retried later, or gave up and the next one is tried, or hours are quiet, or the recipient closed and its successor takes over',
      'handed-over': 'recipient fetched while its endpoint was failing, or another exchange took it',
      failed:
        'channel refused, attempts exhausted, worker after worker died over it, or the recipient closed and bounces',
      withdrawn: WITHDRAWN,
    },
  },
  available: {
    label: { vi: 'đã đến hộp thư', en: 'available in the inbox' },
    next: {
      'handed-over': 'recipient fetched',
      waiting: 'the recipient closed, and its successor takes over',
      failed: 'the recipient closed and bounces',
      withdrawn: WITHDRAWN,
    },
  },
  'handed-over': {
    label: { vi: 'đã chuyển giao', en: 'handed over' },
    next: { acknowledged: 'recipient acknowledged, or reports on it' },
  },
  acknowledged: { label: { vi: 'bên nhận đã xác nhận', en: 'acknowledged' }, next: {} },
  withdrawn: {
    label: { vi: 'đã rút lại trước khi chuyển giao', en: 'withdrawn before hand-over' },
    next: {},
  },
  failed: {
    label: { vi: 'không chuyển được', en: 'failed' },
    next: {
      waiting:
        'retried by an administrator, or the recipient closed and its successor takes over, or takes over itself from one that closed',
      failed: 'the recipient closed and bounces',
      'handed-over':
        'recipient fetched after its endpoint was given up, or reports on what another exchange may have taken',
      withdrawn: WITHDRAWN,
    },
  },
}

export const DELIVERY_STATE_IDS = Object.keys(DELIVERY_STATES) as DeliveryState[]

export const canMove = (from: DeliveryState, to: DeliveryState): boolean => to in DELIVERY_STATES[from].next

/** The states from which a move to `to` is allowed: what a guarded UPDATE puts in its WHERE. */
export const statesBefore = (to: DeliveryState): DeliveryState[] =>
  DELIVERY_STATE_IDS.filter((from) => canMove(from, to))
