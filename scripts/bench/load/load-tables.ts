import { type Row, table } from '../../markdown-table.ts'
import type { LoadRun } from './load-run.ts'
import type { Measured } from './measure.ts'
import { short } from './print.ts'
import { costOf, SHARES } from './spending.ts'

const name = ({ title, recipients, seal, apis, workers }: Measured): string =>
  `${title}, ${recipients} to, ${seal === 'rsa' ? 'RSA-2048' : 'P-256'}, ${apis} API + ${workers} worker`

const three = ({ p50, p95, p99 }: { p50: number; p95: number; p99: number }): string =>
  [p50, p95, p99].map(short).join(', ')

const SPEEDS = [
  'documents',
  'sustained/s',
  'floor/s',
  'of floor',
  'accept p50, p95, p99 at 70 % (ms)',
  'hand-over p50, p95, p99 (ms)',
]

const speeds = (one: Measured): Row => [
  name(one),
  short(one.sustained),
  short(one.floor.rate),
  Number.isNaN(one.ofFloor) ? '–' : `${(one.ofFloor * 100).toFixed(0)} %`,
  three(one.at70.accept),
  three(one.at70.handOver),
]

const RATES = ['documents', 'load', 'offered/s', 'accepted/s', 'delivered/s', 'receipted/s']

const rates = (one: Measured): Row[] => {
  const runs: readonly (readonly [string, LoadRun | null | undefined])[] = [
    ['sustained', one.found?.run],
    [one.found === null ? 'as asked for' : '70 % of it', one.at70],
    ['closed', one.found?.closed],
  ]
  return runs.flatMap(([load, run]) => (run ? [[name(one), load, ...ratesOf(run)]] : []))
}

const ratesOf = ({ offered, accepted, delivered, receipted }: LoadRun): Row =>
  [offered, accepted, delivered, receipted].map(short)

const COSTS = ['CPU ms for one document', 'all but driver', ...SHARES, 'floor']

const costs = (one: Measured): Row => [
  name(one),
  short(costOf(one.at70.spent)),
  ...SHARES.map((share) => short(one.at70.spent[share])),
  short(costOf(one.floor.spent)),
]

const STORES = [
  'documents',
  'APIs (MiB)',
  'workers (MiB)',
  'PostgreSQL',
  'Redis',
  'fsyncs for one: Tram',
  'PostgreSQL',
]

const stores = (one: Measured): Row => {
  const { processes, postgres, redis } = one.memory
  const of = (kind: 'api' | 'worker') =>
    Object.entries(processes).flatMap(([process, held]) => (process.startsWith(kind) ? [whole(held)] : []))
  return [
    name(one),
    ...[of('api'), of('worker')].map((held) => held.join(', ')),
    ...[postgres, redis].map(whole),
    one.fsyncs.gateway === undefined ? '?' : short(one.fsyncs.gateway),
    short(one.fsyncs.postgres),
  ]
}

const whole = (mebibytes: number): string => (Number.isNaN(mebibytes) ? '?' : mebibytes.toFixed(0))

/** What was measured of loads: how fast, how many of what, processor time, and memory with fsyncs. */
export const loadTables = (measured: readonly Measured[]): string =>
  [
    table(SPEEDS, measured.map(speeds)),
    table(RATES, measured.flatMap(rates)),
    table(COSTS, measured.map(costs)),
    table(STORES, measured.map(stores)),
  ].join('\n\n')

const ADDED = ['10 KB, one to, P-256', 'sustained/s', 'of the first', 'closed: receipted/s', 'of the first']

/** What more processes add: each beside the first. */
export function addedTable(measured: readonly Measured[]): string {
  const [first] = measured
  const closedOf = (one: Measured | undefined) => one?.found?.closed.receipted ?? Number.NaN
  const ratio = (value: number, of: number) => `× ${short(value / of)}`
  return table(
    ADDED,
    measured.map((one) => [
      `${one.apis} API + ${one.workers} worker`,
      short(one.sustained),
      ratio(one.sustained, first?.sustained ?? Number.NaN),
      short(closedOf(one)),
      ratio(closedOf(one), closedOf(first)),
    ]),
  )
}
