import { quantile } from '../../../scripts/bench/routing/figures.ts'
import type { Measure } from '../fault.ts'
import type { Line } from '../journal.ts'
import { isBusy } from './heard.ts'

const RESUME_SECONDS = 30
/** Of a hundred requests so many more than before may be told that there is too much to do, and never more than so many. */
const BUSY = { more: 5, most: 10 } as const
/** And its answers may take this much longer, or twice as long. */
const SLOWER_MS = 1_000

/** How submissions fared for a while. */
interface Intake {
  readonly requests: number
  /** Refusals and silences, by what they said; not those of a gateway that has too much to do. */
  readonly failures: readonly string[]
  /** Of a hundred requests, how many were told that there is too much to do. */
  readonly busy: number
  readonly p99: number
}

/** A forgotten job's delivery, and who found it. */
export interface Rescue {
  /** Deliveries to recipients of whom the queue knew nothing else. */
  readonly quiet: number
  /** Those of them whose job was in the queue before, and was not there after. */
  readonly forgotten: number
  /** Those of them that the reconciler told the queue of again. */
  readonly toldAgain: number
  /** Seconds until the last of them was taken. */
  readonly seconds: number
}

/** What one fault did. */
export interface Loss {
  readonly name: string
  /** Deliveries that waited as it ended, those of them that the queue had been told of, and that it was told of again. */
  readonly waiting: number
  readonly told: number
  readonly toldAgain: number
  /** Seconds from its end until the last of them was taken. */
  readonly seconds: number
  /** Where the queue forgot what it had been told. */
  readonly rescue: Rescue | null
  /** Part of the journal that was written meanwhile. */
  readonly lines: readonly Line[]
}

/** Milliseconds from the intent to send to the receipt. */
function acceptTimes(lines: readonly Line[]): number[] {
  const begun = new Map<string, number>()
  return lines.flatMap((line) => {
    if (line.is === 'intent') begun.set(line.document, line.at)
    const from = line.is === 'accepted' ? begun.get(line.document) : undefined
    return from === undefined ? [] : [line.at - from]
  })
}

export function intakeOf(lines: readonly Line[]): Intake {
  const times = acceptTimes(lines)
  const refusals = lines.flatMap((line) =>
    line.is === 'unanswered' ? [line.error] : line.is === 'refused' ? [line.code] : [],
  )
  const failures = refusals.filter((error) => !isBusy(error))
  const requests = times.length + refusals.length
  const busy = requests === 0 ? 0 : (100 * (refusals.length - failures.length)) / requests
  return { requests, failures, busy, p99: times.length === 0 ? 0 : quantile(times, 0.99) }
}

/** @param calm how submissions fared before the first fault, at the same rate */
export function judgeLoss(loss: Loss, calm: Intake): Measure[] {
  const { name, waiting, told, toldAgain, seconds } = loss
  return [
    {
      name: `${name}: deliveries go on`,
      seen: `all ${waiting} within ${seconds.toFixed(1)} s; the queue had been told of ${told}, and was told of ${toldAgain} again`,
      bar: `> 0, ≤ ${RESUME_SECONDS} s`,
      met: waiting > 0 && seconds <= RESUME_SECONDS,
    },
    ...judgeRescue(name, loss.rescue),
    ...judgeIntake(name, intakeOf(loss.lines), calm),
  ]
}

function judgeRescue(name: string, rescue: Rescue | null): Measure[] {
  if (rescue === null) return []
  const { quiet, forgotten, toldAgain, seconds } = rescue
  return [
    {
      name: `${name}: deliveries that only their job spoke of, forgotten`,
      seen: `${forgotten} of ${quiet}`,
      bar: `all of > 0`,
      met: forgotten === quiet && quiet > 0,
    },
    {
      name: `${name}: of these, told again by the reconciler and taken`,
      seen: `${toldAgain} within ${seconds.toFixed(1)} s`,
      bar: `all, ≤ ${RESUME_SECONDS} s`,
      met: toldAgain === quiet && seconds <= RESUME_SECONDS,
    },
  ]
}

function judgeIntake(name: string, seen: Intake, calm: Intake): Measure[] {
  const busiest = Math.min(calm.busy + BUSY.more, BUSY.most)
  const slowest = Math.max(2 * calm.p99, calm.p99 + SLOWER_MS)
  const [first] = seen.failures
  return [
    {
      name: `${name}: submissions not taken at once`,
      seen: `${seen.failures.length} of ${seen.requests}${first === undefined ? '' : `, the first ${first}`}`,
      bar: '0',
      met: seen.failures.length === 0,
    },
    {
      name: `${name}: told that there is too much to do`,
      seen: `${seen.busy.toFixed(1)} %, before ${calm.busy.toFixed(1)} %`,
      bar: `≤ ${busiest.toFixed(1)} %`,
      met: seen.busy <= busiest,
    },
    {
      name: `${name}: accepted within`,
      seen: `p99 ${seen.p99.toFixed(0)} ms, before ${calm.p99.toFixed(0)} ms`,
      bar: `p99 ≤ ${slowest.toFixed(0)} ms`,
      met: seen.p99 <= slowest,
    },
  ]
}
