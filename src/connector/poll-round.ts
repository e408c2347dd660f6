import type { Arrival } from '../db/axis-arrival-record.ts'
import { claimArrivals, reopenForDirectory, wakeArrivals } from '../db/axis-arrivals.ts'
import { takePoll } from '../db/axis-polls.ts'
import type { ArrivalDependencies } from './dependencies.ts'
import { fetchArrival } from './fetch-arrival.ts'
import type { FetchedArrival } from './hand-in.ts'
import { keyedTurns } from './keyed-turns.ts'
import { pollLists } from './poll-lists.ts'
import { MENDED_BY_DIRECTORY } from './problems.ts'
import { type InTurn, TARGET_UNKNOWN, takeIn } from './take-in.ts'
import { tellArrival } from './tell-arrival.ts'

/** Arrivals of one exchange that are worked on at once. */
const LANES = 4
const AT_ONCE = 100
/** After which the lists are looked at again, whatever is left. */
const LONGEST_MS = 30_000

/** What became of a round. */
export interface PollRound {
  listed: number
  fetched: number
  accepted: number
  refused: number
  told: number
}

/**
 * One round with one exchange: its lists, where it is time for them; then everything that is due, each packet by itself:
 * fetched and durable, taken in, told. Every step is safe to repeat, at any point where a process may die.
 * @throws GatewayError where nothing can be kept (`database-unavailable`, `storage-full`); the next round goes on
 */
export async function pollRound(dependencies: ArrivalDependencies, signal: AbortSignal): Promise<PollRound> {
  const { intake, connector, line } = dependencies
  const round: PollRound = { listed: 0, fetched: 0, accepted: 0, refused: 0, told: 0 }
  line.begin()
  const revision = intake.registry.current().directory.revision
  await reopenForDirectory(intake.pool, connector.name, revision, MENDED_BY_DIRECTORY)
  if (await takePoll(intake.pool, connector.name, connector.pollSeconds))
    round.listed = await pollLists(dependencies, signal)
  const deadline = performance.now() + LONGEST_MS
  const inTurn = keyedTurns()
  while (!signal.aborted && !line.isDown && performance.now() < deadline) {
    const before = round.accepted
    const due = await claimArrivals(intake.pool, connector.name, AT_ONCE)
    if (due.length === 0) break
    await inLanes(
      due,
      () => signal.aborted || line.isDown,
      (arrival) => takeOn(dependencies, arrival, round, inTurn, signal),
    )
    // What others spoke of may be there now.
    if (round.accepted > before) await wakeArrivals(intake.pool, connector.name, TARGET_UNKNOWN)
  }
  return round
}

/** Brings one arrival as far as it gets. */
async function takeOn(
  dependencies: ArrivalDependencies,
  arrival: Arrival,
  round: PollRound,
  inTurn: InTurn,
  signal: AbortSignal,
): Promise<void> {
  if (arrival.state === 'listed' || arrival.state === 'fetched') {
    const fetched = isFetched(arrival) ? arrival : await fetchArrival(dependencies, arrival, signal)
    if (fetched === undefined) return
    if (fetched !== arrival) round.fetched += 1
    const taken = await takeIn(dependencies, fetched, inTurn)
    if (taken !== 'accepted') {
      if (taken === 'refused') round.refused += 1
      return
    }
    round.accepted += 1
  }
  if (await tellArrival(dependencies, arrival, signal)) round.told += 1
}

const isFetched = (arrival: Arrival): arrival is FetchedArrival =>
  arrival.state === 'fetched' && arrival.packet !== null

/** Some at a time; the first error ends the others after what they are at, and is thrown. */
async function inLanes<T>(
  items: readonly T[],
  isOver: () => boolean,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  let failed: { readonly error: unknown } | undefined
  const lane = async () => {
    for (const item of left) {
      if (isOver() || failed !== undefined) return
      await work(item).catch((error: unknown) => {
        failed ??= { error }
      })
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  if (failed !== undefined) throw failed.error
}
