import { type Row, table } from '../../markdown-table.ts'
import { type Cost, type CostAt, costOfRound, growth, growthOfRounds, meanOf } from './cost-at.ts'
import type { PartOptions, PartResult } from './parts.ts'
import { type Bar, bar, short } from './print.ts'
import { costOf } from './spending.ts'
import { openStored, type Stored, startStored } from './stored.ts'
import { packetsFor } from './sustain.ts'
import { lastChange, type WarmedUp } from './warm-up.ts'

const FIRST = 10_000
const ROUNDS = 5
/** Documents of one round, at most. */
const DOCUMENTS = 400
/** Documents a second, unless another is asked for: what any machine sustains, so that both do the same at the same times. */
const RATE = 60
const MOST_GROWTH = 10

/**
 * Whether a document costs the same with many stored as with few: two gateways, each on servers of its own and warmed up
 * alike, are measured in turns, so that neither the machine's hour nor the age of a process comes into it.
 */
export async function flat(options: PartOptions): Promise<PartResult> {
  const { documents, tell } = options
  const few = await startStored(options)
  try {
    const many = await openStored(options)
    await few.fillTo(FIRST, tell)
    await many.fillTo(documents, tell)
    const costs = await inTurns([few, many], options)
    return resultOf(costs, [few.warmedUp, many.warmedUp])
  } finally {
    await few.stop()
  }
}

async function inTurns(all: readonly Stored[], options: PartOptions): Promise<CostAt[]> {
  const { rate = RATE, seconds, seed, tell } = options
  const count = Math.min(DOCUMENTS, packetsFor(rate, seconds))
  const stored = await Promise.all(all.map((one) => one.count()))
  const rounds: Cost[][] = all.map(() => [])
  // Both stand equally far from the checkpoint after which pages are logged whole.
  for (const { ground } of all) await ground.pool.query('checkpoint')
  // The first round brings pages and plans back that the filling drove out; it does not count.
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [index, one] of all.entries()) {
      const cost = await costOfRound(one, { rate, seconds, count, seed: seed + round })
      tell(`  ${short(costOf(cost.spent))} ms, ${short(cost.statements)} statements with ${stored[index]}`)
      if (round > 0) rounds[index]!.push(cost)
    }
  return rounds.map((own, index) => ({ stored: stored[index]!, rounds: own, mean: meanOf(own) }))
}

const KIBIBYTE = 1_024

/** What is told of a cost, by the heading of its column. */
const COLUMNS: Readonly<Record<string, (cost: Cost) => number>> = {
  'CPU ms for one document': ({ spent }) => costOf(spent),
  'of which API': ({ spent }) => spent.api,
  worker: ({ spent }) => spent.worker,
  PostgreSQL: ({ spent }) => spent.postgres,
  Redis: ({ spent }) => spent.redis,
  statements: ({ statements }) => statements,
  pages: ({ pages }) => pages,
  'WAL KiB': ({ wal }) => wal / KIBIBYTE,
}

type Judged = readonly [name: string, of: (cost: Cost) => number, isJudged: boolean]

const GROWTHS: readonly Judged[] = [
  ['growth of the processor time of a document, %', ({ spent }) => costOf(spent), true],
  ['growth of what API and worker spend of it, %', ({ spent }) => spent.api + spent.worker, false],
  ['growth of what PostgreSQL spends of it, %', ({ spent }) => spent.postgres, false],
  ['growth of its statements, %', ({ statements }) => statements, true],
  ['growth of the pages looked at, %', ({ pages }) => pages, false],
  ['growth of the write-ahead log, %', ({ wal }) => wal, false],
]

/** What was found with few stored and with many. */
export function resultOf(costs: readonly CostAt[], warmedUp: readonly WarmedUp[]): PartResult {
  const [few, many] = costs as readonly [CostAt, CostAt]
  const rows = [few, many].map(
    ({ stored, mean }): Row => [String(stored), ...Object.values(COLUMNS).map((of) => short(of(mean)))],
  )
  const grown = Object.values(COLUMNS).map((of) => short(growth(of(few.mean), of(many.mean))))
  const bars = GROWTHS.map(([name, of, isJudged]): Bar => {
    const found = growth(of(few.mean), of(many.mean))
    return bar(name, found, isJudged ? found <= MOST_GROWTH : null, isJudged ? `≤ ${MOST_GROWTH}` : '')
  })
  const missing = few.mean.missing + many.mean.missing
  bars.push(
    bar('refused, or not acknowledged by all, of the documents measured', missing, missing === 0, '0'),
  )
  const head = ['stored', ...Object.keys(COLUMNS)]
  return {
    data: { costs, warmedUp },
    tables: [
      table(head, [...rows, ['growth, %', ...grown]]),
      `${roundsLine(few, many)} ${warmLine(warmedUp)}`,
    ].join('\n\n'),
    bars,
  }
}

function roundsLine(few: CostAt, many: CostAt): string {
  const [least, greatest] = growthOfRounds(few.rounds, many.rounds).map(short)
  const { documents } = few.mean
  return (
    `In turns, ${few.rounds.length} rounds each with ${documents} documents in all; from round to round the processor time ` +
    `grew by ${least} to ${greatest} %.`
  )
}

function warmLine(warmedUp: readonly WarmedUp[]): string {
  const each = (of: (one: WarmedUp) => number) => warmedUp.map(of).map(short).join(' and ')
  const unsteady = warmedUp.every(({ isSteady }) => isSteady) ? '' : ' **Not steady: take it with care.**'
  return (
    `Warmed up by ${warmedUp.map(({ documents }) => documents).join(' and ')} documents; what API and worker spend on one ` +
    `then changed by ${each(({ windows }) => lastChange(windows) * 100)} % from one window to the next.${unsteady}`
  )
}
