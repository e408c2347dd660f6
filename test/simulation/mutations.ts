import { canMove } from '../../src/domain/delivery-state.ts'
import { RULES, type Rules } from './rules.ts'

/**
 * Conditions broken on purpose, one each. The simulation must notice every one of them: one that it did not notice would
 * not be held by it.
 */
export const MUTATIONS: Readonly<Record<string, Partial<Rules>>> = {
  'a delivery is taken before its time': { isDue: ({ state }) => state === 'waiting' },
  'a delivery is taken whatever its state': { isDue: (row, now) => (row.nextAttemptAt ?? now) <= now },
  'a delivery is taken that another worker holds': { isFree: () => true },
  'a lease that ran out is never free again': { isFree: ({ leaseUntil }) => leaseUntil === null },
  'what a worker holds is put into the inbox': { isUnleased: () => true },
  'a lease that ran out is put into the inbox by nobody': {
    isUnleased: () => false,
    isUntold: ({ leaseUntil, enqueuedAt }) => leaseUntil !== null && enqueuedAt === null,
  },
  'taking does not raise the epoch': { raises: { ...RULES.raises, take: 0 } },
  'a write does not ask for the epoch': {
    holds: ({ leaseUntil, state }) => leaseUntil !== null && state === 'waiting',
  },
  'a write does not ask whether the lease was given up': {
    holds: ({ leaseEpoch, state }, epoch) => leaseEpoch === epoch && state === 'waiting',
  },
  'a write does not ask for the state': {
    holds: ({ leaseEpoch }, epoch) => leaseEpoch === epoch,
    raises: { ...RULES.raises, leave: 0 },
  },
  'what was not told to the queue stays so': { isUntold: () => false },
  'what the queue lost is never told again': { seemsForgotten: () => false },
  'the queue is told again under the old name': { raises: { ...RULES.raises, retell: 0 } },
  'a pause holds nothing back': { isHeldBack: () => false },
  'a pause never ends': { isHeldBack: ({ inboxNumber }, paused) => paused.length > 0 || inboxNumber === 2 },
  'what was withdrawn is handed over': {
    mayMove: (from, to) => (from === 'withdrawn' && to === 'handed-over') || canMove(from, to),
  },
  'what was handed over is withdrawn': {
    mayMove: (from, to) => (from === 'handed-over' && to === 'withdrawn') || canMove(from, to),
  },
  'each attempt has a number in the inbox of its own': { needsNumber: () => true },
  'a packet leaves, and nothing is on record of that': { marksWhatMayHaveLeft: false },
  'workers die over one delivery without end': { mostAbandonments: Number.POSITIVE_INFINITY },
  'two over which workers died are tried at once': { suspectFrom: Number.POSITIVE_INFINITY },
  'what is less urgent goes first': { byUrgency: (a, b) => a.urgency - b.urgency },
  'all are alike': { byUrgency: () => 0 },
  'quiet hours never end': {
    endOfQuiet: (quiet, _urgency, now) => quiet && new Date(now.getTime() + 3_600_000),
  },
  'attempts do not count': {
    verdictOn: (...given) => {
      const verdict = RULES.verdictOn(...given)
      return { ...verdict, settlement: { ...verdict.settlement, counts: false } }
    },
  },
  'what another exchange may have goes a second way': {
    verdictOn: (delivery, sent, at) => RULES.verdictOn({ ...delivery, mayHaveLeft: false }, sent, at),
  },
}
