import { abandonAttempts, openAttempts } from '../db/attempts.ts'
import { markMayHaveLeft, takeCompanions } from '../db/companions.ts'
import { numberInInbox, settleLease, type TakenDelivery, takeLease } from '../db/leases.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { BRIEF, inTransaction } from '../db/transaction.ts'
import type { RegistryHolder } from '../directory/snapshot/holder.ts'
import { isConnectorChannel } from '../domain/axis/connector.ts'
import { CHANNELS } from '../domain/channel-id.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { passStep } from '../step.ts'
import type { Consignment } from './channels/channel.ts'
import { heldBack } from './quiet.ts'
import { recordDelivery } from './record-delivery.ts'
import { standsAside } from './suspects.ts'
import { deadly } from './verdict.ts'

export interface TakeDependencies {
  readonly pool: Pool
  readonly registry: RegistryHolder
  /** Names this process in attempts. */
  readonly worker: string
  /** Seconds that a delivery stays with a worker which gives no sign of life. */
  readonly leaseSeconds: number
}

/** Workers that may die over one delivery, one after the other. */
export const MOST_ABANDONMENTS = 10
/** Recipients of one packet by one connector: each stands in the headers twice, and those have an end at 1 MB. */
const MOST_TOGETHER = 5_000

/** Takes the lease of a delivery, and of those that go with it; null where there is nothing to take. */
export function take(
  { pool, registry, worker, leaseSeconds }: TakeDependencies,
  key: DeliveryKey,
): Promise<Consignment | null> {
  const work = async (db: Transaction): Promise<Consignment | null> => {
    const taken = await takeLease(db, key, leaseSeconds)
    if (taken === null) return null
    const { abandonments, ...delivery } = taken
    if (abandonments >= MOST_ABANDONMENTS) return quarantine(db, worker, taken)
    if ((await heldBack(db, delivery)) || (await standsAside(db, taken))) return null
    if (isConnectorChannel(delivery.channel)) return takeTogether(db, worker, delivery)
    await openAttempts(db, [{ delivery: key, epoch: delivery.leaseEpoch, channel: delivery.channel, worker }])
    const needsEndpoint = CHANNELS[delivery.channel].needs === 'endpoint'
    const url = needsEndpoint ? await endpointUrl(db, registry, delivery.recipient) : null
    const numbered = await numberInInbox(db, delivery)
    passStep('claim-written')
    return { delivery: numbered, companions: [], endpointUrl: url }
  }
  // A reader's cursor may pass the number at once: it must not be forgotten and given to another delivery. Nor may it be
  // forgotten that a packet may have left.
  return inTransaction(pool, work, { durable: true, ...BRIEF })
}

/**
 * What goes by a connector lies in no inbox here, and may be with the other exchange from now on. The deliveries tell how
 * that was before.
 */
async function takeTogether(
  db: Transaction,
  worker: string,
  delivery: Consignment['delivery'],
): Promise<Consignment> {
  const limits = { limit: MOST_TOGETHER - 1, mostAbandonments: MOST_ABANDONMENTS }
  const companions = await takeCompanions(db, delivery.key, limits)
  const all = [delivery, ...companions]
  const attempts = all.map(({ key, leaseEpoch: epoch, channel }) => ({
    delivery: key,
    epoch,
    channel,
    worker,
  }))
  await openAttempts(db, attempts)
  await markMayHaveLeft(
    db,
    all.map(({ key }) => key),
  )
  return { delivery, companions, endpointUrl: null }
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
  await abandonAttempts(db, [delivery.key])
  await settleLease(db, delivery.key, delivery.leaseEpoch, settlement)
  await recordDelivery(db, worker, [
    { delivery, kind: event, detail: { channel: delivery.channel, result: detail } },
  ])
  return null
}
