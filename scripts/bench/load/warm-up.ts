import { type Bench, type Mixture, runLoad } from './load-run.ts'
import { short } from './print.ts'

/** How a gateway came to the state in which it is measured. */
export interface WarmedUp {
  readonly documents: number
  /** Milliseconds of processor time of API and worker for one document, in each window. */
  readonly windows: readonly number[]
  readonly isSteady: boolean
}

const IN_FLIGHT = 16
const WINDOW = 1_000
const MOST_WINDOWS = 8
const STEADY = 0.03

/** By how much the last window differs from the one before it; NaN of fewer than two. */
export const lastChange = (windows: readonly number[]): number =>
  (windows.at(-1) ?? Number.NaN) / (windows.at(-2) ?? Number.NaN) - 1

/** Whether the last two windows cost the same, to 3 %. */
export const isSteady = (windows: readonly number[]): boolean => Math.abs(lastChange(windows)) < STEADY

/**
 * Sends documents until V8 has compiled what it will: until two windows of a thousand cost the same, or eight are
 * through.
 * @param seconds that one window takes at most
 */
export async function warmUp(
  bench: Bench,
  mixture: Mixture,
  seconds: number,
  tell: (line: string) => void,
): Promise<WarmedUp> {
  const windows: number[] = []
  let documents = 0
  while (windows.length < MOST_WINDOWS && !isSteady(windows)) {
    const run = await runLoad(bench, mixture, { inFlight: IN_FLIGHT }, seconds, WINDOW)
    documents += run.documents
    windows.push(run.spent.api + run.spent.worker)
    tell(`  warming up: ${documents} documents, ${short(windows.at(-1)!)} ms of API and worker for one`)
  }
  return { documents, windows, isSteady: isSteady(windows) }
}
