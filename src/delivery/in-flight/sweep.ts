import { recordEvents } from '../../audit/record-events.ts'
import { withdrawDeliveries } from '../../db/deliveries.ts'
import { findInFlight, IN_FLIGHT, type InFlightDelivery, lockPairs } from '../../db/in-flight.ts'
import { bounceDeliveries, noteStays, redirectDeliveries, writeRoutes } from '../../db/in-flight-moves.ts'
import { asLeader } from '../../db/leader.ts'
import { databaseNow } from '../../db/now.ts'
import type { Pool, Transaction } from '../../db/pool.ts'
import { closedAgencies, decideInFlight, underDay } from '../../directory/in-flight/decide.ts'
import type { RegistryHolder } from '../../directory/snapshot/holder.ts'
import type { UsableChannels } from '../../domain/channel-id.ts'
import { vietnamDay } from '../../domain/vietnam-time.ts'
import { type Applied, type BatchPlan, Planner, pairKey } from './plan.ts'

export interface SweepDependencies {
  readonly pool: Pool
  readonly registry: Pick<RegistryHolder, 'upToDate'>
  readonly usable: UsableChannels
  /** Who does it, as it stands on record. */
  readonly actor: string
}

export interface SweepOptions {
  /** `yyyy-MM-dd`, Vietnam; the present day by the database's clock where left out. */
  readonly day?: string
  /** Deliveries that are found at a time. */
  readonly found?: number
  /** Deliveries of one transaction. */
  readonly batch?: number
  /** Stops between two transactions. */
  readonly signal?: AbortSignal
  readonly onProgress?: () => void
}

export type Swept = Record<Applied, number>

/**
 * Finds what was accepted and not handed over before its recipient closed, and lets it follow the policy of the
 * recipient's succession. Each batch is one transaction, and what is done is found no more, so that it can be stopped and
 * begun again at any time. Undefined where another process is at it.
 */
export async function sweepInFlight(
  dependencies: SweepDependencies,
  options: SweepOptions = {},
): Promise<Swept | undefined> {
  const { found: most = 2_000, batch = 250, signal, onProgress } = options
  const swept: Swept = { redirected: 0, joined: 0, bounced: 0, kept: 0 }
  for (;;) {
    // A large revision takes long to be read: longer than a leader may be silent in its transaction.
    await dependencies.registry.upToDate(dependencies.pool)
    const found = await asLeader(dependencies.pool, 'in-flight', (db) =>
      find(db, dependencies, options.day, most),
    )
    if (found === undefined) return undefined
    let done = 0
    for (let start = 0; start < found.length; start += batch) {
      if (signal?.aborted) return swept
      const applied = await asLeader(dependencies.pool, 'in-flight', (db) =>
        sweepBatch(db, dependencies, found.slice(start, start + batch), options.day),
      )
      if (applied === undefined) return undefined
      for (const one of applied) if (one !== null) swept[one] += 1
      done += applied.length
      onProgress?.()
    }
    // What was found and could not be touched was taken meanwhile; looking again at once would find it again.
    if (found.length < most || done === 0) return swept
  }
}

async function find(
  db: Transaction,
  { registry }: SweepDependencies,
  givenDay: string | undefined,
  limit: number,
): Promise<InFlightDelivery[]> {
  const { directory } = await registry.upToDate(db)
  const day = givenDay ?? vietnamDay(await databaseNow(db))
  const closed = closedAgencies(directory, day)
  return closed.length === 0 ? [] : findInFlight(db, closed, underDay(directory, day), limit)
}

/**
 * The deliveries are locked together with those that the successors have of the same documents, all in the order of their
 * keys, and judged anew under the lock: where a hand-over came first, nothing is left to be done.
 */
async function sweepBatch(
  db: Transaction,
  { registry: holder, usable, actor }: SweepDependencies,
  found: readonly InFlightDelivery[],
  givenDay: string | undefined,
): Promise<BatchPlan['applied']> {
  const registry = await holder.upToDate(db)
  const now = await databaseNow(db)
  const day = givenDay ?? vietnamDay(now)
  const pending = found.map((one) => ({ one, decision: decideInFlight(registry.directory, one, day) }))
  const pairs = pending.flatMap(({ one: { document, recipient }, decision }) => [
    { document, recipient },
    ...(decision.outcome === 'redirect' ? [{ document, recipient: decision.to.code }] : []),
  ])
  const rows = await lockPairs(db, pairs)
  // Beside one that was withdrawn there may be one that was not: that counts.
  const counting = rows.toSorted((a, b) => Number(b.state === 'withdrawn') - Number(a.state === 'withdrawn'))
  const locked = new Map(counting.map((row) => [pairKey(row.document, row.recipient), row]))
  const planner = new Planner({ registry, usable, now, day, actor }, locked)
  const under = underDay(registry.directory, day)
  for (const { one, decision } of pending) {
    const row = locked.get(pairKey(one.document, one.recipient))
    if (row?.key !== one.key || !IN_FLIGHT.includes(row.state)) continue
    planner.add({ found: one, row, decision: row.mayHaveLeft ? { ...abroad, under } : decision })
  }
  await write(db, planner.plan)
  return planner.plan.applied
}

/** What may have left to another exchange goes on to wait there, whoever would take over. */
const abroad = { outcome: 'keep', because: 'may-have-left' } as const

/** Everything was planned under the locks: what finds fewer rows than it was planned for is undone as a whole. */
async function write(db: Transaction, plan: BatchPlan): Promise<void> {
  const { redirections, bounces, joins, stays, routes, events } = plan
  const moved = await redirectDeliveries(db, redirections)
  const bounced = await bounceDeliveries(db, bounces)
  let joined = 0
  for (const { key, reason } of joins) joined += await withdrawDeliveries(db, [key], reason)
  if (moved + bounced + joined !== redirections.length + bounces.length + joins.length)
    throw new Error('a delivery in flight changed under its lock')
  await noteStays(db, stays)
  await writeRoutes(db, routes)
  await recordEvents(db, events)
}
