import type { Patience } from '../../src/db/outbox.ts'
import { SUSPECT_FROM } from '../../src/db/suspects.ts'
import { MOST_ABANDONMENTS } from '../../src/delivery/take.ts'
import { verdictOn } from '../../src/delivery/verdict.ts'
import { canMove, type DeliveryState } from '../../src/domain/delivery-state.ts'
import { endOfQuiet } from '../../src/domain/quiet-hours.ts'
import type { Row } from './tables.ts'

/**
 * Every condition of which the way of a delivery is made, each by itself, so that a test can break one and see that the
 * simulation notices. Those of SQL are written here once more, and are held against PostgreSQL by a differential test.
 */
export interface Rules {
  /** `state = 'waiting' and next_attempt_at <= clock_timestamp()` */
  isDue(row: Row, now: Date): boolean
  /** `lease_until is null or lease_until <= clock_timestamp()` */
  isFree(row: Row, now: Date): boolean
  /** `lease_epoch = epoch and lease_until is not null and state = 'waiting'` */
  holds(row: Row, epoch: number): boolean
  /** `lease_until is null` */
  isUnleased(row: Row): boolean
  /** `channel = 'mailbox' and not route ? 'quietHours'` */
  isLocal(row: Row): boolean
  /** `enqueued_at is null` */
  isUntold(row: Row): boolean
  /** `enqueued_at < clock_timestamp() - patience`, which grows with the time for which it has been due. */
  seemsForgotten(row: Row, now: Date, patience: Patience): boolean
  /** `not exists (select from recipient_pause …)` */
  isHeldBack(row: Row, paused: readonly string[]): boolean
  mayMove(from: DeliveryState, to: DeliveryState): boolean
  /** By how much each raises the epoch: taking a lease, telling the queue again, and leaving a worker behind. */
  readonly raises: { readonly take: number; readonly retell: number; readonly leave: number }
  /** Whether a delivery is given a number in its inbox as it is taken. */
  needsNumber(row: Row): boolean
  /** Whether it is put on record, before a packet leaves, that another exchange may hold it. */
  readonly marksWhatMayHaveLeft: boolean
  /** Workers that may die over one delivery. */
  readonly mostAbandonments: number
  /** After how many such deaths it is tried while no other such delivery is. */
  readonly suspectFrom: number
  /** Which of two items of the outbox, or of two that are due, comes first: negative where it is the first. */
  byUrgency(a: { readonly urgency: number }, b: { readonly urgency: number }): number
  readonly endOfQuiet: typeof endOfQuiet
  readonly verdictOn: typeof verdictOn
}

const seconds = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1_000

/** Seconds until what the queue was told of seems forgotten. */
export const patienceWith = (row: Row, now: Date, { least, most }: Patience): number =>
  Math.min(Math.max((row.nextAttemptAt === null ? 0 : seconds(row.nextAttemptAt, now)) / 4, least), most)

export const RULES: Rules = {
  isDue: ({ state, nextAttemptAt }, now) =>
    state === 'waiting' && nextAttemptAt !== null && nextAttemptAt <= now,
  isFree: ({ leaseUntil }, now) => leaseUntil === null || leaseUntil <= now,
  holds: ({ leaseEpoch, leaseUntil, state }, epoch) =>
    leaseEpoch === epoch && leaseUntil !== null && state === 'waiting',
  isUnleased: ({ leaseUntil }) => leaseUntil === null,
  isLocal: ({ channel, route }) => channel === 'mailbox' && route.quietHours === undefined,
  isUntold: ({ enqueuedAt }) => enqueuedAt === null,
  seemsForgotten: (row, now, patience) =>
    row.enqueuedAt !== null && seconds(row.enqueuedAt, now) > patienceWith(row, now, patience),
  isHeldBack: ({ recipient }, paused) => paused.includes(recipient),
  mayMove: canMove,
  raises: { take: 1, retell: 1, leave: 1 },
  needsNumber: ({ inboxNumber }) => inboxNumber === null,
  marksWhatMayHaveLeft: true,
  mostAbandonments: MOST_ABANDONMENTS,
  suspectFrom: SUSPECT_FROM,
  byUrgency: (a, b) => b.urgency - a.urgency,
  endOfQuiet,
  verdictOn,
}
