import { runLoad } from './load-run.ts'
import { costOf, mapShares, type Spending } from './spending.ts'
import type { Stored } from './stored.ts'

/** What one document cost in one run. */
export interface Cost {
  readonly documents: number
  /** Documents beside them that were refused, and those among them that not all had acknowledged. */
  readonly missing: number
  /** Milliseconds of processor time. */
  readonly spent: Spending
  readonly statements: number
  /** Pages of PostgreSQL that were looked at. */
  readonly pages: number
  /** Bytes of write-ahead log. */
  readonly wal: number
}

/** What one document costs while so many are stored. */
export interface CostAt {
  /** As the first run began. */
  readonly stored: number
  readonly rounds: readonly Cost[]
  /** Of all rounds together. */
  readonly mean: Cost
}

/** The same times of the same documents for whoever is measured in this round. */
export interface Round {
  readonly rate: number
  readonly seconds: number
  readonly count: number
  readonly seed: number
}

const COUNTED = `select sum(calls)::float8 as statements, sum(shared_blks_hit + shared_blks_read)::float8 as pages,
    pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as wal
  from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
    and query not like '%pg_stat_statements%'`

interface Counted {
  readonly statements: number | null
  readonly pages: number | null
  readonly wal: number
}

/** One run of an open load. */
export async function costOfRound({ ground, bench }: Stored, round: Round): Promise<Cost> {
  const { rate, seconds, count, seed } = round
  const look = async () => (await ground.pool.query<Counted>(COUNTED)).rows[0]!
  await ground.pool.query('select pg_stat_statements_reset()')
  const before = await look()
  bench.seed = seed
  const { documents, refused, lost, spent } = await runLoad(
    bench,
    { kind: 'small', recipients: 1 },
    { rate },
    seconds,
    count,
  )
  const after = await look()
  return {
    documents,
    missing: refused + lost,
    spent,
    statements: (after.statements ?? 0) / documents,
    pages: (after.pages ?? 0) / documents,
    wal: (after.wal - before.wal) / documents,
  }
}

/** Of one document, where each counts alike: what the shares cost adds up to what all cost. */
export function meanOf(rounds: readonly Cost[]): Cost {
  const documents = rounds.reduce((sum, round) => sum + round.documents, 0)
  const mean = (of: (round: Cost) => number) =>
    rounds.reduce((sum, round) => sum + of(round) * round.documents, 0) / documents
  return {
    documents,
    missing: rounds.reduce((sum, round) => sum + round.missing, 0),
    spent: mapShares((share) => mean(({ spent }) => spent[share])),
    statements: mean((round) => round.statements),
    pages: mean((round) => round.pages),
    wal: mean((round) => round.wal),
  }
}

/** By how many percent `many` is more than `few`. */
export const growth = (few: number, many: number): number => (many / few - 1) * 100

/** How far the rounds lie apart: growth of the processor time in each pair of them, the least and the greatest. */
export function growthOfRounds(few: readonly Cost[], many: readonly Cost[]): readonly [number, number] {
  const each = few.map(({ spent }, index) => growth(costOf(spent), costOf(many[index]!.spent)))
  return [Math.min(...each), Math.max(...each)]
}
