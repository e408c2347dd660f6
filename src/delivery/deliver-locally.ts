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

/** Deliveries of one tier in one transaction: an urgent one waits for no more than one such batch. */
const BATCH = 100

const SOURCES = { outbox: deliverOutboxLocally, due: deliverDueLocally } as const

/**
 * Puts deliveries into the inboxes that lie here, without queue and lease: they need no sending, and many go in one
 * transaction. A crash leaves each either in its inbox or waiting as it was.
 * @param source `outbox`: what was just accepted; `due`: circulars, and whatever else has become due
 * @param onBatch told each time that some were
 * @throws what the database said; where the rows themselves are to blame, the queue has them now
 */
export async function deliverLocally(
  { pool, worker, wakeInbox }: LocalDependencies,
  source: keyof typeof SOURCES,
  tiers: readonly TierCode[],
  onBatch: () => void = () => undefined,
): Promise<Pick<LocalDelivered, 'delivered' | 'toTell'>> {
  let delivered = 0
  for (;;) {
    const batch = await oneBatch(pool, source, { worker, tiers, limit: BATCH })
    if (batch.delivered > 0) passStep('local-committed')
    for (const recipient of batch.recipients) wakeInbox(recipient)
    delivered += batch.delivered
    onBatch()
    if (batch.delivered < BATCH) return { delivered, toTell: batch.toTell }
  }
}

async function oneBatch(
  pool: Pool,
  source: keyof typeof SOURCES,
  round: LocalRound,
): Promise<LocalDelivered> {
  try {
    const answer = SOURCES[source](pool, round)
    passStepUnanswered('local-written')
    return await answer
  } catch (error) {
    const isOfItsRows = databaseError(error) === error
    // What has become due is told to the outbox by the reconciler.
    if (source === 'outbox' && isOfItsRows) await leaveToQueue(pool, round)
    throw error
  }
}
