import t from 'tap'
import type { LoadRun } from '../../../scripts/bench/load/load-run.ts'
import { addedTable, loadTables } from '../../../scripts/bench/load/load-tables.ts'
import type { Measured } from '../../../scripts/bench/load/measure.ts'

const latencies = { p50: 10, p95: 20, p99: 30 }
const spent = { api: 3, worker: 0.5, postgres: 2, redis: 0.1, driver: 1 }
const runOf = (offered: number, delivered: number): LoadRun => ({
  ...{ window: 10, offered, accepted: offered, receipted: offered - 1, delivered, documents: offered * 10 },
  ...{ refused: 0, lost: 0, answeredLate: 0, settledLate: 0, accept: latencies, handOver: latencies, spent },
})
const measuredOf = (apis: number, sustained: number, closed: number): Measured => ({
  ...{ kind: 'small', recipients: 10, title: '10 KB', seal: 'p256', apis, workers: 1, packetBytes: 10_000 },
  ...{ sustained, at70: runOf(sustained * 0.7, sustained * 7), ofFloor: 0.1 },
  found: { rate: sustained, run: runOf(sustained, sustained * 10), closed: runOf(closed, closed * 10) },
  memory: { processes: { 'api 1': 401, 'api 2': 402, 'worker 1': 160 }, postgres: 253, redis: 14 },
  fsyncs: { gateway: undefined, postgres: 1.2 },
  floor: { rate: 1_000, spent },
})
const rowsOf = (text: string, start: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`| ${start}`))
    .map((line) => line.split('|').map((cell) => cell.trim()))

t.test('each load tells what was accepted, delivered and receipted a second', async (t) => {
  const rows = rowsOf(loadTables([measuredOf(1, 100, 80)]), '10 KB').map((row) => row.slice(2, -1))
  t.same(rows[1], ['sustained', '100', '100', '1000', '99'])
  t.same(rows[2]?.slice(0, 4), ['70 % of it', '70', '70', '700'])
  t.same(rows[3]?.slice(0, 4), ['closed', '80', '80', '800'])
})

t.test(
  'peaks are told of each process and of both servers; what nobody could trace is not none',
  async (t) => {
    const rows = rowsOf(loadTables([measuredOf(2, 100, 80)]), '10 KB')
    t.same(rows.at(-1)?.slice(2, -1), ['401, 402', '160', '253', '14', '?', '1.20'])
  },
)

t.test('what more processes add is told beside the first', async (t) => {
  const rows = rowsOf(addedTable([measuredOf(1, 100, 80), measuredOf(2, 120, 88)]), '')
  t.same(rows.at(-1)?.slice(2, -1), ['120', '× 1.20', '87', '× 1.10'])
})
