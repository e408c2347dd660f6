import type { Bench, Load, LoadRun, Mixture } from './load-run.ts'
import { runLoad } from './load-run.ts'

/** Requests under way at once where the gateway's own pace is looked for. */
const IN_FLIGHT = 32
const STEPS = 4
/** A load is sustained where everything is through soon after the last document was due: in the time that one takes. */
const SOON_SECONDS = 0.75
/** What a queue that does not grow may be, as part of the run. */
const QUEUED = 0.05

/** Nothing refused, nothing lost, and no queue that grows; a run in which nothing was due shows nothing. */
export const isSustained = (run: LoadRun, seconds: number): boolean =>
  run.documents > 0 &&
  run.refused === 0 &&
  run.lost === 0 &&
  run.settledLate < SOON_SECONDS + QUEUED * seconds

export interface Sustained {
  /** Documents a second; 0 where no load that was tried was sustained. */
  readonly rate: number
  /** The load at which that was found; null where no load that was tried was sustained. */
  readonly run: LoadRun | null
  /** With 32 requests under way all the time: what senders take who never let up. */
  readonly closed: LoadRun
}

const open = (rate: number): Load => ({ rate })

/** What a load of `rate` needs to have prepared. */
export const packetsFor = (rate: number, seconds: number): number => Math.ceil(rate * seconds * 1.2) + 20

/**
 * The greatest load that is sustained, to about 5 %: from the pace that the gateway takes by itself, by halving.
 * @param guess documents a second that it surely does not exceed
 */
export async function findSustained(
  bench: Bench,
  mixture: Mixture,
  seconds: number,
  guess: number,
  tell: (line: string) => void,
): Promise<Sustained> {
  const closed = await runLoad(bench, mixture, { inFlight: IN_FLIGHT }, seconds, packetsFor(guess, seconds))
  tell(`${closed.accepted.toFixed(1)}/s accepted, ${closed.receipted.toFixed(1)}/s receipted, closed`)
  let [low, high] = [0, Math.max(closed.accepted, closed.receipted) * 1.1]
  let best: LoadRun | null = null
  let rate = Math.max(closed.receipted * 0.9, high / 4)
  for (let step = 0; step < STEPS; step += 1) {
    const run = await runLoad(bench, mixture, open(rate), seconds, packetsFor(rate, seconds))
    const sustained = isSustained(run, seconds)
    tell(describe(rate, run, sustained))
    if (sustained) [low, best] = [rate, run]
    else high = rate
    rate = (low + high) / 2
  }
  return { rate: low, closed, run: best }
}

export const describe = (rate: number, run: LoadRun, sustained: boolean): string =>
  `${rate.toFixed(1)}/s: receipted ${run.receipted.toFixed(1)}/s, accept p99 ${run.accept.p99.toFixed(0)} ms, ` +
  `refused ${run.refused}, settled ${run.settledLate.toFixed(1)} s late: ${sustained ? 'sustained' : 'too much'}`
