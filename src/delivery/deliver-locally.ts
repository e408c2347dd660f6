import { setTimeout } from 'node:timers/promises'
import { databaseError } from '../db/errors.ts'
import {
  deliverDueLocally,
  deliverOutboxLocally,
  type LocalDelivered,
  type LocalRound,
  leaveToQueue,
} from '../db/local-deliveries.ts'
import type { Pool } from '../db/pool.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { TierCode } from '../domain/tier.ts'
import { passStep, passStepUnanswered } from '../step.ts'

export interface LocalDependencies {
  readonly pool: Pool
  readonly worker: string
  /** Tells waiting readers of an inbox that something new lies in it. */
  readonly wakeInbox: (agency: AgencyCode) => void
}

/**
 * Deliveries of one tier in one transaction: an urgent one waits for no more than one such batch. What was just accepted
 * goes as fast as it can. What has become due may be very much at once, as circulars are: whoever empties it leaves the
 * processors to the others for as long as a batch took.
 */
const SOURCES = {
  outbox: { deliver: deliverOutboxLocally, batch: 100, rests: false },
  due: { deliver: deliverDueLocally, batch: 50, rests: true },
} as const

export interface LocalPace {
  /** Told after each batch. */
  readonly onBatch?: () => void
  /** Aborted where the process ends: no further batch is begun. */
  readonly ending?: AbortSignal
  /** Waits so many milliseconds, or until the process ends. */
  readonly rest?: (ms: number, ending: AbortSignal | undefined) => Promise<void>
}

/** Ends early, and well, where `ending` is aborted. */
const restFor = (ms: number, ending: AbortSignal | undefined): Promise<void> =>
  setTimeout(ms, undefined, { signal: ending }).catch(() => undefined)

/**
 * Puts deliveries into the inboxes that lie here, without queue and lease: they need no sending, and many go in one
 * transaction. A crash leaves each either in its inbox or waiting as it was.
 * @param source `outbox`: what was just accepted; `due`: circulars, and whatever else has become due
 * @throws what the database said; where the rows themselves are to blame, the queue has them now
 */
export async function deliverLocally(
  { pool, worker, wakeInbox }: LocalDependencies,
  source: keyof typeof SOURCES,
  tiers: readonly TierCode[],
  { onBatch = () => undefined, ending, rest = restFor }: LocalPace = {},
): Promise<Pick<LocalDelivered, 'delivered' | 'toTell'>> {
  const { batch: limit, rests } = SOURCES[source]
  let delivered = 0
  for (;;) {
    const began = performance.now()
    const batch = await oneBatch(pool, source, { worker, tiers, limit })
    if (batch.delivered > 0) passStep('local-committed')
    for (const recipient of batch.recipients) wakeInbox(recipient)
    delivered += batch.delivered
    onBatch()
    if (batch.delivered < limit || ending?.aborted) return { delivered, toTell: batch.toTell }
    if (rests) await rest(performance.now() - began, ending)
  }
}

async function oneBatch(
  pool: Pool,
  source: keyof typeof SOURCES,
  round: LocalRound,
): Promise<LocalDelivered> {
  try {
    const answer = SOURCES[source].deliver(pool, round)
    passStepUnanswered('local-written')
    return await answer
  } catch (error) {
    const isOfItsRows = databaseError(error) === error
    // What has become due is told to the outbox by the reconciler.
    if (source === 'outbox' && isOfItsRows) await leaveToQueue(pool, round)
    throw error
  }
}
