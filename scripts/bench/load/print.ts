import type { Measured } from './measure.ts'
import type { Share } from './spending.ts'

export type Row = readonly string[]

/** A Markdown table. */
export function table(head: Row, rows: readonly Row[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => [...row[column]!].length)))
  const line = (row: Row) =>
    `| ${row.map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length)).join(' | ')} |`
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join(
    '\n',
  )
}

export const short = (value: number): string =>
  Number.isNaN(value) ? '–' : value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0)

const SHARES: readonly Share[] = ['api', 'worker', 'postgres', 'redis', 'driver']

/** The processor time of one document at the gateway, without who drives the load. */
export const costOf = ({ spent }: Pick<Measured['at70'], 'spent'>): number =>
  SHARES.filter((share) => share !== 'driver').reduce((sum, share) => sum + spent[share], 0)

const name = ({ title, recipients, seal, apis, workers }: Measured): string =>
  `${title}, ${recipients} to, ${seal === 'rsa' ? 'RSA-2048' : 'P-256'}, ${apis} API + ${workers} worker`

const SPEEDS = [
  'documents',
  'sustained/s',
  'closed/s',
  'floor/s',
  'of floor',
  'accept p50, p95, p99 at 70 % (ms)',
  'hand-over p50, p95, p99 (ms)',
]

const three = ({ p50, p95, p99 }: { p50: number; p95: number; p99: number }): string =>
  [p50, p95, p99].map(short).join(', ')

const COSTS = ['for one document', 'all (CPU ms)', ...SHARES, 'floor', 'fsyncs: Tram, PostgreSQL', 'peak MiB']

const costs = (one: Measured): Row => [
  name(one),
  short(costOf(one.at70)),
  ...SHARES.map((share) => short(one.at70.spent[share])),
  short(costOf(one.floor)),
  `${one.fsyncs.gateway === undefined ? '?' : short(one.fsyncs.gateway)}, ${short(one.fsyncs.postgres)}`,
  [
    ...Object.entries(one.memory.processes).map(
      ([process, mebibytes]) => `${process}: ${mebibytes.toFixed(0)}`,
    ),
    `PostgreSQL: ${one.memory.postgres.toFixed(0)}`,
  ].join(', '),
]

const speeds = (one: Measured): Row => [
  name(one),
  short(one.sustained),
  short(one.closed),
  short(one.floor.rate),
  Number.isNaN(one.ofFloor) ? '–' : `${(one.ofFloor * 100).toFixed(0)} %`,
  three(one.at70.accept),
  three(one.at70.handOver),
]

/** What was measured of loads, as two tables. */
export const loadTables = (measured: readonly Measured[]): string =>
  `${table(SPEEDS, measured.map(speeds))}\n\n${table(COSTS, measured.map(costs))}`

/** What was asked for and what was measured; without a bar it is only told. */
export interface Bar {
  readonly name: string
  readonly measured: number
  readonly bar: string
  readonly met: boolean | null
}

export const bar = (name: string, measured: number, met: boolean | null, asked: string): Bar => ({
  name,
  measured,
  bar: asked,
  met,
})

const VERDICTS = new Map([
  [true, 'met'],
  [false, 'MISSED'],
  [null, ''],
])

export const barTable = (bars: readonly Bar[]): string =>
  table(
    ['', 'measured', 'bar', ''],
    bars.map((one) => [one.name, short(one.measured), one.bar, VERDICTS.get(one.met)!]),
  )
