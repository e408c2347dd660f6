import { RECEIVERS } from '../../../scripts/bench/load/agencies.ts'
import type { Ground } from '../../../scripts/bench/load/gateway.ts'
import { quantile } from '../../../scripts/bench/routing/figures.ts'
import type { Pool } from '../../../src/db/pool.ts'
import { inTransaction } from '../../../src/db/transaction.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Measure } from '../fault.ts'
import { faredAsBefore } from '../faults/arrival-times.ts'
import { pause } from '../system.ts'
import { type Crowd, type LoadTrial, withCrowd } from './crowd.ts'

/** The tier that is filled, and whose deliveries fill it: no tier shares a recipient, and so an inbox, with another. */
const FULL = 'commune'
const FULL_FOR = RECEIVERS.filter((code) => code.includes('.')).slice(1)
const WAITING = 100_000
const SECONDS = 40
const RATE = 10
const SENDERS = 20
const MOST_WORSE = 0.2
const DONE_MS = 120_000
/** Hỏa tốc, as `urgency` counts; one comes into the full tier so often. */
const MOST_URGENT = 4
const URGENT_EVERY_MS = 500
const URGENT_MS = 2_000
const LOOK_EVERY_MS = 200
/** Documents into other tiers from which on their p95 says something. */
const LEAST_SAMPLE = 20

/**
 * A tier in which 100,000 deliveries wait, all of them due, beside one in which documents go as always. The waiting ones
 * are written by SQL, as copies of one that was accepted: what is measured is who goes before whom. So are a few of the
 * most urgent ones, which come into the full tier meanwhile.
 */
export const fullTier: LoadTrial = {
  id: 'tier',
  title: 'a tier with 100,000 waiting deliveries beside another',
  conditions: `queue in redis, 1 API, 1 worker, ${RATE} documents/s into other tiers, ${1_000 / URGENT_EVERY_MS} most urgent ones/s into the full one`,
  limitSeconds: 1_800,
  run: (extent) =>
    withCrowd({ apis: 1, workers: 1, extent, filled }, async (crowd, _gateway, { pool }) => {
      const { seed, scale, tell } = extent
      await offer(crowd, 10, seed)
      await atRest(pool)
      const seconds = Math.max(10, SECONDS / scale)
      const quiet = await handOvers(crowd, pool, seconds, seed + 1)
      const copies = await fill(pool, Math.round(WAITING / scale))
      tell(`${copies} waiting`)
      const full = watchFullness(pool)
      const urgent = comeUrgently(pool)
      const beside = await handOvers(crowd, pool, seconds, seed + 2).finally(urgent.stop)
      const waits = await urgent.waits()
      const span = await full.stop()
      tell(`full for ${span.seconds.toFixed(0)} s`)
      const meanwhile = (arrivals: readonly Arrival[]) =>
        arrivals.filter(({ at }) => at <= span.until).map(({ ms }) => ms)
      return measuresOf(
        quiet.map(({ ms }) => ms),
        { others: meanwhile(beside), urgent: meanwhile(waits) },
        { filled: copies, seconds: span.seconds },
      )
    }),
}

/** The copies. */
async function filled({ pool }: Ground): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ id: string }>(
    "select id from document where submission_key like 'filled %'",
  )
  return new Set(rows.map(({ id }) => id))
}

async function offer(crowd: Crowd, seconds: number, seed: number): Promise<void> {
  const rates = Array.from({ length: SENDERS }, () => RATE / SENDERS)
  await crowd.prepare(rates.map((rate) => Math.ceil(rate * seconds * 3) + 5))
  await crowd.run({ rates }, seconds, seed)
}

/** When a document came, by the database's clock, and how many milliseconds later it was available. */
interface Arrival {
  readonly at: Date
  readonly ms: number
}

/** How each document of a run arrived, in the tiers that were not filled. */
async function handOvers(crowd: Crowd, pool: Pool, seconds: number, seed: number): Promise<Arrival[]> {
  const { rows: began } = await pool.query<{ at: Date }>('select clock_timestamp() as at')
  await offer(crowd, seconds, seed)
  const until = performance.now() + DONE_MS
  for (;;) {
    const { rows } = await pool.query<{ ms: number | null; at: Date }>(
      `select document.accepted_at as at, case when delivery.state <> 'waiting' then
          extract(epoch from delivery.state_since - document.accepted_at)::float8 * 1000 end as ms
        from delivery join document on document.id = delivery.document_id
        where delivery.tier <> $2 and document.accepted_at >= $1`,
      [began[0]!.at, FULL],
    )
    if (rows.every(({ ms }) => ms !== null) || performance.now() > until)
      return rows.map(({ ms, at }) => ({ ms: ms ?? DONE_MS, at }))
    await pause(250)
  }
}

async function waiting(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*) as count from delivery where state = 'waiting'",
  )
  return rows[0]!.count
}

async function atRest(pool: Pool): Promise<void> {
  let left = await waiting(pool)
  await waitFor(
    async () => {
      left = await waiting(pool)
      return left === 0
    },
    DONE_MS,
    () => `nothing waits: ${left} deliveries do`,
  )
}

/** Copies that one statement makes: it may take no longer than any other. */
const AT_ONCE = 5_000

/** All of them become due at one instant: a worker would be through with the first before the last are written. @returns how many */
async function fill(pool: Pool, count: number): Promise<number> {
  for (let from = 1; from <= count; from += AT_ONCE)
    await fillSome(pool, { from, to: Math.min(count, from + AT_ONCE - 1), ...ORDINARY })
  return inTransaction(pool, async (transaction) => {
    await transaction.query('set local statement_timeout = 0')
    const { rowCount } = await transaction.query(
      "update delivery set next_attempt_at = clock_timestamp() where next_attempt_at = 'infinity'",
    )
    return rowCount ?? 0
  })
}

/** Numbers of the copies, how urgent they are, and whether they are due at once. */
interface Copies {
  readonly from: number
  readonly to: number
  readonly urgency: number
  readonly key: string
  readonly due: boolean
}

const ORDINARY = { urgency: 0, key: 'filled', due: false } as const
const URGENT = { urgency: MOST_URGENT, key: 'filled urgent', due: true } as const

/** Copies one document, accepted now, with a delivery of the full tier to each of its recipients in turn. */
async function fillSome(pool: Pool, { from, to, urgency, key, due }: Copies): Promise<void> {
  await pool.query(
    `with one as (select document from document order by accepted_at limit 1),
      copies as (select gen_random_uuid() as id, number from generate_series($1::integer, $2::integer) as number),
      documents as (
        insert into document select (jsonb_populate_record(one.document, jsonb_build_object(
            'id', copies.id, 'submission_key', $3 || ' ' || copies.number, 'accepted_at', clock_timestamp()))).* from one, copies returning id, accepted_at),
      recipients as (select recipient_code, number, count(*) over () as many
        from unnest($7::text[]) with ordinality as each (recipient_code, number))
      insert into delivery (id, document_id, kind, recipient_code, tier, urgency, channel, route, next_attempt_at,
          accepted_at)
      select gen_random_uuid(), copies.id, 'document', recipients.recipient_code, $6, $4, 'mailbox', '{}',
          case when $5 then clock_timestamp() else 'infinity' end,
          (select min(accepted_at) from documents)
        from copies join recipients on recipients.number = 1 + copies.number % recipients.many`,
    [from, to, key, urgency, due, FULL, FULL_FOR],
  )
}

/** The most urgent ones come into the full tier, one after the other, until it is stopped. */
function comeUrgently(pool: Pool) {
  let [stopped, number] = [false, 0]
  const coming = (async () => {
    while (!stopped) {
      number += 1
      await fillSome(pool, { from: number, to: number, ...URGENT })
      await pause(URGENT_EVERY_MS)
    }
  })()
  return {
    stop: () => {
      stopped = true
    },
    /** Milliseconds from when each came until it was available; `DONE_MS` of those that are not then. */
    async waits(): Promise<Arrival[]> {
      await coming
      await pause(URGENT_MS)
      const { rows } = await pool.query<{ ms: number | null; at: Date }>(
        `select document.accepted_at as at, case when delivery.state <> 'waiting' then
            extract(epoch from delivery.state_since - document.accepted_at)::float8 * 1000 end as ms
          from delivery join document on document.id = delivery.document_id
          where document.submission_key like 'filled urgent %'`,
      )
      return rows.map(({ ms, at }) => ({ ms: ms ?? DONE_MS, at }))
    },
  }
}

/** Looks until when ordinary ones waited in the full tier: only what came until then says something of it. */
function watchFullness(pool: Pool) {
  let stopped = false
  let [from, until] = [new Date(Number.NaN), new Date(0)]
  const looking = (async () => {
    while (!stopped) {
      const { rows } = await pool.query<{ full: boolean; at: Date }>(
        `select clock_timestamp() as at, exists (select from delivery
          where tier = $1 and state = 'waiting' and urgency = 0) as full`,
        [FULL],
      )
      const { full, at } = rows[0]!
      if (!full) return
      if (Number.isNaN(from.getTime())) from = at
      until = at
      await pause(LOOK_EVERY_MS)
    }
  })()
  return {
    async stop(): Promise<{ readonly until: Date; readonly seconds: number }> {
      stopped = true
      await looking
      return { until, seconds: (until.getTime() - from.getTime()) / 1_000 || 0 }
    },
  }
}

interface Meanwhile {
  readonly others: readonly number[]
  readonly urgent: readonly number[]
}

function measuresOf(
  quiet: readonly number[],
  { others, urgent }: Meanwhile,
  { filled, seconds }: { readonly filled: number; readonly seconds: number },
): Measure[] {
  const p95 = quantile(urgent, 0.95)
  return [
    {
      name: 'waiting in the full tier, all due at one instant',
      seen: `${filled}; some of them for ${seconds.toFixed(1)} s, in which ${others.length} documents came into other tiers`,
      bar: `≥ ${LEAST_SAMPLE} documents`,
      met: others.length >= LEAST_SAMPLE,
    },
    faredAsBefore('acceptance to inbox, other tiers, meanwhile', [quiet, others], {
      part: 0.95,
      worse: MOST_WORSE,
    }),
    {
      name: 'most urgent ones (hỏa tốc) into the full tier, meanwhile: from coming to inbox',
      seen: `p95 ${p95.toFixed(0)} ms, worst ${Math.max(0, ...urgent).toFixed(0)} ms of ${urgent.length}`,
      bar: `p95 ≤ ${URGENT_MS} ms`,
      met: p95 <= URGENT_MS,
    },
  ]
}
