import { median } from '../routing/figures.ts'
import { type LoadRun, runLoad } from './load-run.ts'
import type { PartOptions, PartResult } from './parts.ts'
import { bar, costOf, short, table } from './print.ts'
import { openStored, type Stored } from './stored.ts'

/** What one document costs while so many are stored. */
interface CostAt {
  readonly stored: number
  /** Milliseconds of processor time: of all, and of PostgreSQL. */
  readonly all: number
  readonly postgres: number
  readonly statements: number
  /** Pages of PostgreSQL that were looked at. */
  readonly pages: number
}

const FIRST = 10_000
const ROUNDS = 5
/** Of one round, at most. */
const DOCUMENTS = 400
const IN_FLIGHT = 4
const MOST_GROWTH = 10

const COUNTED = `select sum(calls)::float8 as statements, sum(shared_blks_hit + shared_blks_read)::float8 as pages
  from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
    and query not like '%pg_stat_statements%'`

async function costAt({ ground, bench }: Stored, stored: number, seconds: number): Promise<CostAt> {
  await ground.pool.query('select pg_stat_statements_reset()')
  const runs: LoadRun[] = []
  for (let round = 0; round < ROUNDS; round += 1)
    runs.push(
      await runLoad(bench, { kind: 'small', recipients: 1 }, { inFlight: IN_FLIGHT }, seconds, DOCUMENTS),
    )
  const { rows } = await ground.pool.query<{ statements: number; pages: number }>(COUNTED)
  const documents = runs.reduce((sum, run) => sum + run.documents, 0)
  return {
    stored,
    all: median(runs.map(costOf)),
    postgres: median(runs.map(({ spent }) => spent.postgres)),
    statements: rows[0]!.statements / documents,
    pages: rows[0]!.pages / documents,
  }
}

/** Whether a document costs the same with many stored as with few. */
export async function flat({ seed, seconds, documents, tell }: PartOptions): Promise<PartResult> {
  const stored = await openStored(seed)
  const costs: CostAt[] = []
  for (const count of [FIRST, documents]) {
    await stored.fillTo(count, tell)
    const cost = await costAt(stored, count, seconds)
    tell(`  ${short(cost.all)} ms, ${short(cost.statements)} statements with ${count} stored`)
    costs.push(cost)
  }
  const [few, many] = costs
  const growth = (of: keyof CostAt) => (many![of] / few![of] - 1) * 100
  return {
    data: costs,
    tables: table(
      ['stored', 'CPU ms for one document', 'of which PostgreSQL', 'statements', 'pages'],
      costs.map((one) => [
        String(one.stored),
        ...[one.all, one.postgres, one.statements, one.pages].map(short),
      ]),
    ),
    bars: [
      bar(
        'growth of the processor time of a document, %',
        growth('all'),
        growth('all') <= MOST_GROWTH,
        '≤ 10',
      ),
      bar('growth of its statements, %', growth('statements'), growth('statements') <= MOST_GROWTH, '≤ 10'),
      bar('growth of the pages looked at, %', growth('pages'), null, ''),
    ],
  }
}
