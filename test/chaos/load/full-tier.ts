import type { Ground } from '../../../scripts/bench/load/gateway.ts'
import type { Pool } from '../../../src/db/pool.ts'
import { inTransaction } from '../../../src/db/transaction.ts'
import type { Measure } from '../fault.ts'
import { faredAsBefore } from '../faults/arrival-times.ts'
import { type Crowd, type LoadTrial, withCrowd } from './crowd.ts'

const WAITING = 100_000
const SECONDS = 40
const RATE = 4
const SENDERS = 20
const MOST_WORSE = 0.2
const DONE_MS = 120_000

/**
 * A tier in which 100,000 deliveries wait, all of them due, beside one in which documents go as always. The waiting ones
 * are written by SQL, as copies of one that was accepted: what is measured is who goes before whom.
 */
export const fullTier: LoadTrial = {
  id: 'tier',
  title: 'a tier with 100,000 waiting deliveries beside another',
  run: (extent) =>
    withCrowd({ apis: 1, workers: 1, extent, filled }, async (crowd, _gateway, { pool }) => {
      const { seed, scale, tell } = extent
      await offer(crowd, 10, seed)
      await atRest(pool)
      const seconds = Math.max(10, SECONDS / scale)
      const quiet = await handOvers(crowd, pool, seconds, seed + 1)
      const copies = await fill(pool, Math.round(WAITING / scale))
      tell(`${copies} waiting`)
      const beside = await handOvers(crowd, pool, seconds, seed + 2)
      const left = await waiting(pool)
      return measuresOf(quiet, beside, { filled: copies, left })
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

/** Milliseconds from acceptance until each document of a run was available, in the tiers that were not filled. */
async function handOvers(crowd: Crowd, pool: Pool, seconds: number, seed: number): Promise<number[]> {
  const { rows: began } = await pool.query<{ at: Date }>('select clock_timestamp() as at')
  await offer(crowd, seconds, seed)
  const until = performance.now() + DONE_MS
  for (;;) {
    const { rows } = await pool.query<{ ms: number | null }>(
      `select case when delivery.state <> 'waiting' then
          extract(epoch from delivery.state_since - document.accepted_at)::float8 * 1000 end as ms
        from delivery join document on document.id = delivery.document_id
        where delivery.tier <> 'district' and document.accepted_at >= $1`,
      [began[0]!.at],
    )
    if (rows.every(({ ms }) => ms !== null) || performance.now() > until)
      return rows.map(({ ms }) => ms ?? DONE_MS)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

async function waiting(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*) as count from delivery where state = 'waiting'",
  )
  return rows[0]!.count
}

async function atRest(pool: Pool): Promise<void> {
  const until = performance.now() + DONE_MS
  while ((await waiting(pool)) > 0 && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 250))
}

/** Copies that one statement makes: it may take no longer than any other. */
const AT_ONCE = 5_000

/** All of them become due at one instant: a worker would be through with the first before the last are written. @returns how many */
async function fill(pool: Pool, count: number): Promise<number> {
  for (let from = 1; from <= count; from += AT_ONCE)
    await fillSome(pool, from, Math.min(count, from + AT_ONCE - 1))
  return inTransaction(pool, async (transaction) => {
    await transaction.query('set local statement_timeout = 0')
    const { rowCount } = await transaction.query(
      "update delivery set next_attempt_at = clock_timestamp() where next_attempt_at = 'infinity'",
    )
    return rowCount ?? 0
  })
}

/** Copies one document, with a delivery of the tier `district` to each recipient in turn. */
async function fillSome(pool: Pool, from: number, to: number): Promise<void> {
  await pool.query(
    `with one as (select document from document order by accepted_at limit 1),
      copies as (select gen_random_uuid() as id, number from generate_series($1::integer, $2::integer) as number),
      documents as (
        insert into document select (jsonb_populate_record(one.document, jsonb_build_object(
            'id', copies.id, 'submission_key', 'filled ' || copies.number))).* from one, copies returning id, accepted_at),
      recipients as (select recipient_code, row_number() over () as number, count(*) over () as many
        from (select distinct recipient_code from delivery) as each)
      insert into delivery (id, document_id, kind, recipient_code, tier, urgency, channel, route, next_attempt_at,
          accepted_at)
      select gen_random_uuid(), copies.id, 'document', recipients.recipient_code, 'district', 0, 'mailbox', '{}', 'infinity',
          (select min(accepted_at) from documents)
        from copies join recipients on recipients.number = 1 + copies.number % recipients.many`,
    [from, to],
  )
}

function measuresOf(
  quiet: readonly number[],
  beside: readonly number[],
  { filled, left }: { readonly filled: number; readonly left: number },
): Measure[] {
  return [
    {
      name: 'waiting in the full tier, then and after',
      seen: `${filled}, ${left}`,
      bar: '> 0 all the while',
      met: left > 0,
    },
    faredAsBefore('acceptance to inbox, other tiers', [quiet, beside], { part: 0.95, worse: MOST_WORSE }),
  ]
}
