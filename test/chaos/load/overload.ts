import { processorTime } from '../../../scripts/bench/axis/processor-time.ts'
import { KINDS, type Kind } from '../../../scripts/bench/load/contents.ts'
import type { Gateway, Ground } from '../../../scripts/bench/load/gateway.ts'
import { peakMemory, postgresMemory } from '../../../scripts/bench/load/spending.ts'
import { quantile } from '../../../scripts/bench/routing/figures.ts'
import type { Measure } from '../fault.ts'
import { goodput, type LoadTrial, type Ran, refusals, total, withCrowd } from './crowd.ts'
import { type CrowdLoad, NO_ANSWER } from './crowd-messages.ts'
import { warmUp } from './warm-up.ts'

const WHOLE_SECONDS = 300
/** So much is judged; a fifth more becomes due, for the peak is looked for again afterwards, and may be higher. */
const TIMES = 10
const LEAST_TIMES = 9.5
const SENT_TIMES = 1.2 * TIMES
const IN_FLIGHT = 32
const SENDERS = 20
/** Of one look for the peak. */
const PEAK_SECONDS = 30
const LEAST_GOODPUT = 0.8
const MOST_MEMORY = 1.2
/** The reserve is an eighth of the slots, and two in a hundred are urgent: these find a place far more often. */
const URGENT_TIMES = 2
/** Milliseconds in which who is refused is told so. */
const TOLD_WITHIN = 2_000

/**
 * Ten times as many documents become due as the gateway takes at its best, for five minutes, at senders who do not care for
 * Retry-After: each of their connections asks again as soon as it is answered. The peak is looked for before and after: the
 * machine may have got slower or faster meanwhile.
 */
export const overloadOf = (id: string, kind: Kind): LoadTrial => ({
  id,
  title: `ten times as much as can be done, for five minutes: documents of ${KINDS[kind].title}`,
  conditions: `queue in redis, 1 API, 1 worker, ${SENDERS} senders, ${IN_FLIGHT} under way at the peak`,
  limitSeconds: 3_600,
  run: (extent) =>
    withCrowd({ apis: 1, workers: 1, kind, extent }, async (crowd, gateway, ground) => {
      const { seed, scale, tell } = extent
      const api = gateway.processes.find(({ kind }) => kind === 'api')!.pid
      const even = (count: number) => Array.from({ length: SENDERS }, () => Math.ceil(count / SENDERS) + 5)
      const measured = async (load: CrowdLoad, seconds: number): Promise<Spent> => {
        const [before, senders] = [processorTime(api), processorTime(crowd.pid)]
        const ran = await crowd.run(load, seconds, seed)
        return {
          ...ran,
          spentMs: processorTime(api) - before,
          sendersMs: processorTime(crowd.pid) - senders,
        }
      }
      const { rate: first, seconds: warm } = await warmUp(crowd, {
        senders: SENDERS,
        inFlight: IN_FLIGHT,
        seed,
      })
      const perPhase = (seconds: number) => even(first * 2 * seconds)
      const peakSeconds = Math.max(10, PEAK_SECONDS / scale)
      await crowd.prepare(perPhase(peakSeconds))
      const before = await measured({ inFlight: IN_FLIGHT }, peakSeconds)
      const memoryBefore = memoryOf(gateway, ground)
      const rate = goodput(before) * SENT_TIMES
      tell(`peak ${goodput(before).toFixed(1)}/s; now ${rate.toFixed(0)}/s`)
      const seconds = WHOLE_SECONDS / scale
      await crowd.prepare(perPhase(seconds))
      const rates = Array.from({ length: SENDERS }, () => rate / SENDERS)
      const over = await measured({ rates }, seconds)
      const memoryOver = memoryOf(gateway, ground)
      tell(`overload ${goodput(over).toFixed(1)}/s, refused ${refusals(over.results)}`)
      await crowd.prepare(perPhase(peakSeconds))
      const after = await measured({ inFlight: IN_FLIGHT }, peakSeconds)
      return measuresOf({
        before,
        over,
        after,
        memory: [memoryBefore, memoryOver],
        warm: warm + peakSeconds,
      })
    }),
})

/** With the processor time of the API, and of the senders' process. */
interface Spent extends Ran {
  readonly spentMs: number
  readonly sendersMs: number
}

/** Milliseconds of the API's processor time for one accepted document, refusals included. */
const costOf = ({ results, spentMs }: Spent): number => spentMs / total(results, (one) => one.accepted)

/** MiB at most so far; of PostgreSQL MiB now, what its processes share counted once. */
interface Memory {
  readonly api: number
  readonly worker: number
  readonly postgres: number
}

const memoryOf = ({ processes }: Gateway, { postgres }: Ground): Memory => {
  const of = (wanted: 'api' | 'worker') => peakMemory(processes.find(({ kind }) => kind === wanted)!.pid)
  return { api: of('api'), worker: of('worker'), postgres: postgresMemory(postgres.pid) }
}

const ofCore = (ms: number, { seconds }: Ran): string => `${(ms / seconds / 10).toFixed(0)} %`

interface Phases {
  readonly before: Spent
  readonly over: Spent
  readonly after: Spent
  readonly memory: readonly [before: Memory, over: Memory]
  /** Seconds of load until memory was looked at first. */
  readonly warm: number
}

const told = (name: string, seen: string): Measure => ({ name, seen, bar: null, met: true })
const share = (ones: number, all: number) => `${((ones / all) * 100).toFixed(1)} %`

const measuresOf = (phases: Phases): Measure[] => [
  ...goodputMeasures(phases),
  ...memoryMeasures(phases),
  ...refusalMeasures(phases.over),
]

function goodputMeasures({ before, over, after }: Phases): Measure[] {
  const peak = (goodput(before) + goodput(after)) / 2
  const part = goodput(over) / peak
  const due = total(over.results, (one) => one.due) / over.seconds
  const offered = total(over.results, (one) => one.offered) / over.seconds
  const times = due / peak
  return [
    told('peak before and after', `${goodput(before).toFixed(1)}/s, ${goodput(after).toFixed(1)}/s`),
    {
      name: 'due at the senders',
      seen: `${due.toFixed(0)}/s for ${over.seconds.toFixed(0)} s, ${times.toFixed(1)} times the peak`,
      bar: `≥ ${LEAST_TIMES} times`,
      met: times >= LEAST_TIMES,
    },
    told(
      'of these, sent and answered in one way or the other',
      `${offered.toFixed(0)}/s, ${(offered / peak).toFixed(1)} times the peak`,
    ),
    {
      name: 'goodput',
      seen: `${goodput(over).toFixed(1)}/s, ${(part * 100).toFixed(0)} % of the peak`,
      bar: '≥ 80 %',
      met: part >= LEAST_GOODPUT,
    },
    told(
      'processor time meanwhile, of one core',
      `API ${ofCore(over.spentMs, over)}, senders ${ofCore(over.sendersMs, over)}`,
    ),
    told(
      'processor time of the API for one accepted document, at the peak and under overload',
      `${costOf(before).toFixed(1)} and ${costOf(after).toFixed(1)} ms, ${costOf(over).toFixed(1)} ms`,
    ),
  ]
}

/** What is judged is the process that overload meets; the others are told. */
function memoryMeasures({ memory: [before, over], warm }: Phases): Measure[] {
  const grown = over.api / before.api
  const growth = (of: keyof Memory) => `${before[of].toFixed(0)} MiB, ${over[of].toFixed(0)} MiB`
  return [
    {
      name: `memory of the API at its largest: after ${warm.toFixed(0)} s at the peak, and after the overload`,
      seen: `${growth('api')}: ${grown.toFixed(2)} times`,
      bar: '≤ 1.2 times',
      met: grown <= MOST_MEMORY,
    },
    told('memory of the worker at its largest, likewise', growth('worker')),
    told('memory of all of PostgreSQL (Pss) at these moments', growth('postgres')),
  ]
}

function refusalMeasures({ results }: Spent): Measure[] {
  const offered = total(results, (one) => one.offered)
  const waits = results.flatMap((one) => one.refusalWaits)
  const wait = quantile(waits, 0.95)
  const silent = total(results, (one) => one.withoutTime)
  const unanswered = total(results, (one) => one.refused[NO_ANSWER] ?? 0)
  const [urgent, asUrgent] = [
    total(results, (one) => one.urgentAccepted),
    total(results, (one) => one.urgentOffered),
  ]
  const accepted = total(results, (one) => one.accepted)
  const [usual, asUsual] = [accepted - urgent, offered - asUrgent]
  return [
    told('refused', `${waits.length}: ${refusals(results)}`),
    {
      name: 'refusals told, p95',
      seen: `${wait.toFixed(0)} ms`,
      bar: `≤ ${TOLD_WITHIN} ms`,
      met: wait <= TOLD_WITHIN,
    },
    { name: '429 and 503 without Retry-After', seen: String(silent), bar: '0', met: silent === 0 },
    { name: 'connections that broke', seen: String(unanswered), bar: '0', met: unanswered === 0 },
    {
      name: 'accepted of urgent ones, of others',
      seen: `${share(urgent, asUrgent)} of ${asUrgent}, ${share(usual, asUsual)} of ${asUsual}`,
      bar: `urgent ones ≥ ${URGENT_TIMES} times as often`,
      met: urgent / asUrgent >= (URGENT_TIMES * usual) / asUsual,
    },
  ]
}
