import { closeAttempts } from '../db/attempts.ts'
import { lockDeliveries } from '../db/deliveries.ts'
import { type LeasedDelivery, type Settlement, settleLeases } from '../db/leases.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { BRIEF, inTransaction } from '../db/transaction.ts'
import { passStep } from '../step.ts'
import { type Consignment, deliveriesOf } from './channels/channel.ts'
import { outsideQuiet } from './quiet.ts'
import { recordDelivery } from './record-delivery.ts'
import { onward, reroute } from './reroute.ts'
import { type Sent, type Verdict, verdictOn } from './verdict.ts'

/** Whether the leases still held when the outcome was to be written. */
export type SettleOutcome = 'settled' | 'superseded'

interface Surroundings {
  readonly pool: Pool
  /** Names this process in attempts. */
  readonly worker: string
}

interface Judged {
  readonly delivery: LeasedDelivery
  readonly verdict: Verdict
}

/** Writes what became of a consignment, each delivery under its own lease; the outcome is that of the first. */
export function settle(
  { pool, worker }: Surroundings,
  consignment: Consignment,
  sent: Sent,
): Promise<SettleOutcome> {
  return inTransaction(
    pool,
    async (db) => {
      const all = deliveriesOf(consignment)
      // In the order of keys, as everybody locks them: what is settled in groups would not be.
      if (all.length > 1)
        await lockDeliveries(
          db,
          all.map(({ key }) => key),
        )
      const now = await databaseNow(db)
      // Those that failed together wait for the same time, so that they go together again.
      const random = Math.random()
      const judged = all.map((delivery) => ({
        delivery,
        verdict: verdictOn(delivery, sent, { now, random }),
      }))
      let first: SettleOutcome = 'superseded'
      for (const group of alike(judged)) {
        const settled = await writeGroup(db, worker, group)
        if (settled.has(consignment.delivery.key)) first = 'settled'
      }
      passStep('settle-written')
      return first
    },
    BRIEF,
  )
}

/** In groups of which each is written at once: all of a consignment have the same quiet hours and urgency. */
function alike(judged: readonly Judged[]): Judged[][] {
  const groups = new Map<string, Judged[]>()
  for (const one of judged) {
    const { verdict, delivery } = one
    const alone = verdict.gaveUp !== undefined && (delivery.route.fallback ?? []).length > 0
    const name = alone ? delivery.key : JSON.stringify([verdict.settlement, verdict.attempt, verdict.detail])
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [one])
    else group.push(one)
  }
  return [...groups.values()]
}

/** What became of attempts that ended alike: new states, or the next channel. Returns which were still to be settled. */
async function writeGroup(db: Transaction, worker: string, group: readonly Judged[]): Promise<Set<string>> {
  const { delivery, verdict } = group[0]!
  const { gaveUp } = verdict
  const next = gaveUp && onward(delivery, gaveUp, await databaseNow(db))
  const settled =
    gaveUp && next
      ? new Set((await reroute(db, worker, delivery, gaveUp, next)) ? [delivery.key] : [])
      : await writeSettled(db, worker, group)
  const [done, lost] = [true, false].map((is) =>
    group
      .filter((one) => settled.has(one.delivery.key) === is)
      .map(({ delivery: { key, leaseEpoch: epoch } }) => ({ key, epoch })),
  )
  await closeAttempts(db, done!, verdict.attempt, verdict.detail)
  await closeAttempts(db, lost!, 'superseded', verdict.detail)
  return settled
}

async function writeSettled(
  db: Transaction,
  worker: string,
  group: readonly Judged[],
): Promise<Set<LeasedDelivery['key']>> {
  const { delivery, verdict } = group[0]!
  const settlement: Settlement = await outsideQuiet(db, delivery, verdict.settlement)
  const leases = group.map(({ delivery: { key, leaseEpoch: epoch } }) => ({ key, epoch }))
  const settled = new Set(await settleLeases(db, leases, settlement))
  const events = group.filter((one) => settled.has(one.delivery.key))
  await recordDelivery(
    db,
    worker,
    events.map(({ delivery: one }) => ({
      delivery: one,
      kind: verdict.event,
      detail: { attempt: one.attempts + 1, channel: one.channel, result: verdict.detail },
    })),
  )
  return settled
}
