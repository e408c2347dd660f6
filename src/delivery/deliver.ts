import { recordEvents } from '../audit/record-events.ts'
import { abandonAttempts, closeAttempt, openAttempt } from '../db/attempts.ts'
import type { DeliveryRecord } from '../db/deliveries.ts'
import {
  type LeasedDelivery,
  numberInInbox,
  settleLease,
  type TakenDelivery,
  takeLease,
} from '../db/leases.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { RegistryHolder } from '../directory/snapshot/holder.ts'
import type { AuditEventKind } from '../domain/audit-event.ts'
import { CHANNELS } from '../domain/channel-id.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import type { Consignment } from './channels/channel.ts'
import type { Channels } from './channels/index.ts'
import { heldBack, outsideQuiet } from './quiet.ts'
import { onward, reroute } from './reroute.ts'
import { type LeasedSend, sendUnderLease } from './send-under-lease.ts'
import { deadly, interrupted, judge, type Verdict } from './verdict.ts'

export interface DeliverDependencies {
  readonly pool: Pool
  readonly registry: RegistryHolder
  readonly channels: Channels
  /** Names this process in attempts. */
  readonly worker: string
  /** Seconds that a delivery stays with a worker which gives no sign of life. */
  readonly leaseSeconds: number
  /** Tells waiting readers of an inbox that something new lies in it. */
  readonly wakeInbox: (agency: AgencyCode) => void
}

/** Workers that may die over one delivery, one after the other. */
const MOST_ABANDONMENTS = 10

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
  { pool, registry, worker, leaseSeconds }: DeliverDependencies,
  key: DeliveryKey,
): Promise<Consignment | null> {
  const work = async (db: Transaction): Promise<Consignment | null> => {
    const taken = await takeLease(db, key, leaseSeconds)
    if (taken === null) return null
    const { abandonments, ...delivery } = taken
    if (abandonments >= MOST_ABANDONMENTS) return quarantine(db, worker, taken)
    if (await heldBack(db, delivery)) return null
    await openAttempt(db, { delivery: key, epoch: delivery.leaseEpoch, channel: delivery.channel, worker })
    const needsEndpoint = CHANNELS[delivery.channel].needs === 'endpoint'
    const url = needsEndpoint ? await endpointUrl(db, registry, delivery.recipient) : null
    return { delivery: await numberInInbox(db, delivery), endpointUrl: url }
  }
  // A reader's cursor may pass the number at once: it must not be forgotten and given to another delivery.
  return inTransaction(pool, work, { durable: true })
}

/** Where a recipient is told of documents now: null where there was an endpoint at acceptance, and is none any more. */
async function endpointUrl(
  db: Transaction,
  registry: RegistryHolder,
  recipient: AgencyCode,
): Promise<string | null> {
  const today = vietnamDay(await databaseNow(db))
  return registry.current().directory.endpointFor(recipient, today)?.endpoint.url ?? null
}

/** Gives up a delivery over which worker after worker died: the next would die of it too, and others' work with it. */
async function quarantine(db: Transaction, worker: string, delivery: TakenDelivery): Promise<null> {
  const { settlement, event, detail } = deadly(delivery.abandonments)
  await abandonAttempts(db, delivery.key)
  await settleLease(db, delivery.key, delivery.leaseEpoch, settlement)
  await record(db, worker, delivery, event, { channel: delivery.channel, result: detail })
  return null
}

const verdictOn = ({ attempts }: LeasedDelivery, { result, brokenOff }: LeasedSend): Verdict =>
  brokenOff && result.outcome === 'retry'
    ? interrupted(result.failure)
    : judge(attempts + 1, result, Math.random())

function settle(
  { pool, worker }: DeliverDependencies,
  delivery: LeasedDelivery,
  verdict: Verdict,
): Promise<DeliverOutcome> {
  return inTransaction(pool, async (db) => {
    const settled = await write(db, worker, delivery, verdict)
    const attempt = settled ? verdict.attempt : 'superseded'
    await closeAttempt(db, delivery.key, delivery.leaseEpoch, attempt, verdict.detail)
    return settled ? 'settled' : 'superseded'
  })
}

/** What became of an attempt, under its lease: the delivery's new state, or its next channel. */
async function write(
  db: Transaction,
  worker: string,
  delivery: LeasedDelivery,
  { settlement, event, detail, gaveUp }: Verdict,
): Promise<boolean> {
  const next = gaveUp && onward(delivery, gaveUp, await databaseNow(db))
  if (gaveUp && next) return reroute(db, worker, delivery, gaveUp, next)
  const written = await outsideQuiet(db, delivery, settlement)
  if (!(await settleLease(db, delivery.key, delivery.leaseEpoch, written))) return false
  await record(db, worker, delivery, event, {
    attempt: delivery.attempts + 1,
    channel: delivery.channel,
    result: detail,
  })
  return true
}

const record = (
  db: Transaction,
  actor: string,
  { key, document, recipient }: DeliveryRecord,
  kind: AuditEventKind,
  detail: Record<string, unknown>,
) => recordEvents(db, [{ kind, actor, agency: recipient, document, delivery: key, detail }])
