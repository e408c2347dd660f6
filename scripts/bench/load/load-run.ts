import { quantile } from '../routing/figures.ts'
import type { Kind } from './contents.ts'
import type { SenderOrder, SentRow, TakenRow } from './driver-messages.ts'
import type { Drivers } from './drivers.ts'
import { perDocument, type Spenders, type Spending, spending, spentBetween } from './spending.ts'

/** Documents of one kind to so many recipients each. */
export interface Mixture {
  readonly kind: Kind
  readonly recipients: number
}

export type Load = (SenderOrder & { is: 'run' })['load']

export interface Latencies {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** What came of one run of the load. Times in ms from when a document was to be sent. */
export interface LoadRun {
  /** Seconds from the first document's time to the last one's: the window in which all rates are counted. */
  readonly window: number
  /** Documents in a second that were due, that were accepted, and that all their recipients had acknowledged. */
  readonly offered: number
  readonly accepted: number
  readonly receipted: number
  /** Hand-overs in a second: one for each recipient whom the first byte reached. */
  readonly delivered: number
  readonly refused: number
  /** Documents of which not every delivery was acknowledged in the end. */
  readonly lost: number
  /** Seconds after the last document was due until the last was answered, and acknowledged by all. */
  readonly answeredLate: number
  readonly settledLate: number
  readonly accept: Latencies
  readonly handOver: Latencies
  readonly documents: number
  /** Milliseconds of processor time for one document. */
  readonly spent: Spending
}

export interface Bench {
  readonly drivers: Drivers
  readonly spenders: Spenders
  /** The number of the next document. */
  next: number
  seed: number
}

const SETTLE_PATIENCE_MS = 15_000

const latencies = (sample: readonly number[]): Latencies => ({
  p50: quantile(sample, 0.5),
  p95: quantile(sample, 0.95),
  p99: quantile(sample, 0.99),
})

/** @param count packets that are prepared: at most so many are sent */
export async function runLoad(
  bench: Bench,
  { kind, recipients }: Mixture,
  load: Load,
  seconds: number,
  count: number,
): Promise<LoadRun> {
  await bench.drivers.prepare({ kind, recipients, first: bench.next, count })
  bench.next += count
  bench.seed += 1
  const before = spending(bench.spenders)
  let expected = Number.POSITIVE_INFINITY
  const sending = bench.drivers.run({ load, seconds, seed: bench.seed }).then((sent) => {
    expected = sent.filter(isAccepted).length * recipients
    return sent
  })
  const patience = SETTLE_PATIENCE_MS + seconds * 1_000
  const [taken, rows] = await Promise.all([bench.drivers.taken(() => expected, patience), sending])
  const spent = spentBetween(before, spending(bench.spenders))
  return judge(rows, taken, recipients, spent)
}

const isAccepted = ([, , , status]: SentRow): boolean => status >= 200 && status < 300

/** What rows of senders and recipients say. */
export function judge(
  sent: readonly SentRow[],
  taken: readonly TakenRow[],
  recipients: number,
  spent: Spending,
): LoadRun {
  const dueOf = new Map(sent.map(([number, dueAt]) => [number, dueAt]))
  const own = taken.filter(([number]) => dueOf.has(number))
  const settledAt = lastOf(own, recipients)
  const accepted = sent.filter(isAccepted)
  const began = sent.reduce((first, [, dueAt]) => Math.min(first, dueAt), Number.POSITIVE_INFINITY)
  const ended = greatest(dueOf.values(), 0)
  const seconds = (ended - began) / 1_000
  const within = (at: number | undefined): boolean => at !== undefined && at <= ended
  const rateOf = (instants: readonly (number | undefined)[]) => instants.filter(within).length / seconds
  const late = (instants: Iterable<number>): number => (greatest(instants, ended) - ended) / 1_000
  return {
    window: seconds,
    offered: sent.length / seconds,
    accepted: rateOf(accepted.map(([, , answeredAt]) => answeredAt)),
    receipted: rateOf(accepted.map(([number]) => settledAt.get(number))),
    delivered: rateOf(own.map(([, handedOverAt]) => handedOverAt)),
    refused: sent.length - accepted.length,
    lost: accepted.filter(([number]) => !settledAt.has(number)).length,
    answeredLate: late(accepted.map(([, , answeredAt]) => answeredAt)),
    settledLate: late(settledAt.values()),
    accept: latencies(accepted.map(([, dueAt, answeredAt]) => answeredAt - dueAt)),
    handOver: latencies(own.map(([number, handedOverAt]) => handedOverAt - dueOf.get(number)!)),
    documents: accepted.length,
    spent: perDocument(spent, accepted.length),
  }
}

const greatest = (values: Iterable<number>, least: number): number => {
  let found = least
  for (const value of values) found = Math.max(found, value)
  return found
}

/** When the last recipient of each document had acknowledged, of those that all have. */
function lastOf(taken: readonly TakenRow[], recipients: number): Map<number, number> {
  const counts = new Map<number, number>()
  const last = new Map<number, number>()
  for (const [number, , acknowledgedAt] of taken) {
    counts.set(number, (counts.get(number) ?? 0) + 1)
    last.set(number, Math.max(last.get(number) ?? 0, acknowledgedAt))
  }
  return new Map([...last].filter(([number]) => counts.get(number) === recipients))
}
