import { recordEvents } from '../audit/record-events.ts'
import { closeAttempt, openAttempt } from '../db/attempts.ts'
import { endpointUrl, type LeasedDelivery, numberInInbox, settleLease, takeLease } from '../db/leases.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import { CHANNELS } from '../domain/channel-id.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import type { Consignment } from './channels/channel.ts'
import type { Channels } from './channels/index.ts'
import { type LeasedSend, sendUnderLease } from './send-under-lease.ts'
import { interrupted, judge, type Verdict } from './verdict.ts'

export interface DeliverDependencies {
  readonly pool: Pool
  readonly channels: Channels
  /** Names this process in attempts. */
  readonly worker: string
  /** Seconds that a delivery stays with a worker which gives no sign of life. */
  readonly leaseSeconds: number
  /** Tells waiting readers of an inbox that something new lies in it. */
  readonly wakeInbox: (agency: AgencyCode) => void
}

export type DeliverOutcome = 'nothing-to-do' | 'settled' | 'superseded'

/**
 * One attempt at one delivery: take the lease, send outside any transaction, settle. Called twice, late, or by two
 * workers at once it still has one effect, for every write after the lease asks for the lease's epoch.
 * @throws GatewayError `database-unavailable`: the lease runs out, and the delivery is taken again
 */
export async function deliver(
  dependencies: DeliverDependencies,
  key: DeliveryKey,
  signal: AbortSignal,
): Promise<DeliverOutcome> {
  const consignment = await take(dependencies, key)
  if (consignment === null) return 'nothing-to-do'
  dependencies.wakeInbox(consignment.delivery.recipient)
  const sent = await sendUnderLease(dependencies, consignment, signal)
  return settle(dependencies, consignment.delivery, verdictOn(consignment.delivery, sent))
}

function take(
  { pool, worker, leaseSeconds }: DeliverDependencies,
  key: DeliveryKey,
): Promise<Consignment | null> {
  return inTransaction(pool, async (db) => {
    const delivery = await takeLease(db, key, leaseSeconds)
    if (delivery === null) return null
    await openAttempt(db, { delivery: key, epoch: delivery.leaseEpoch, channel: delivery.channel, worker })
    const { needsEndpoint } = CHANNELS[delivery.channel]
    const url = needsEndpoint ? await endpointUrl(db, delivery.recipient) : null
    return { delivery: await numberInInbox(db, delivery), endpointUrl: url }
  })
}

const verdictOn = ({ attempts }: LeasedDelivery, { result, brokenOff }: LeasedSend): Verdict =>
  brokenOff && result.outcome === 'retry'
    ? interrupted(result.failure)
    : judge(attempts, result, Math.random())

function settle(
  { pool, worker }: DeliverDependencies,
  delivery: LeasedDelivery,
  verdict: Verdict,
): Promise<DeliverOutcome> {
  return inTransaction(pool, async (db) => {
    const settled = await settleLease(db, delivery.key, delivery.leaseEpoch, verdict.settlement)
    const attempt = settled ? verdict.attempt : 'superseded'
    await closeAttempt(db, delivery.key, delivery.leaseEpoch, attempt, verdict.detail)
    if (!settled) return 'superseded'
    await recordEvents(db, [
      {
        kind: verdict.event,
        actor: worker,
        agency: delivery.recipient,
        document: delivery.document,
        delivery: delivery.key,
        detail: { attempt: delivery.attempts, channel: delivery.channel, result: verdict.detail },
      },
    ])
    return 'settled'
  })
}
