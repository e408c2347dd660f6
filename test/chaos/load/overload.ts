import { processorTime } from '../../../scripts/bench/axis/processor-time.ts'
import { peakMemory } from '../../../scripts/bench/load/spending.ts'
import { quantile } from '../../../scripts/bench/routing/figures.ts'
import type { Measure } from '../fault.ts'
import { goodput, type LoadTrial, type Ran, refusals, total, withCrowd } from './crowd.ts'
import type { CrowdLoad } from './crowd-messages.ts'

const WHOLE_SECONDS = 300
const TIMES = 10
const IN_FLIGHT = 32
/** Seconds in which what is compiled at first is compiled, and of one look for the peak. */
const WARM_UP = 10
const PEAK_SECONDS = 30
const LEAST_GOODPUT = 0.8
const MOST_MEMORY = 1.2
/** Milliseconds in which who is refused is told so. */
const TOLD_WITHIN = 2_000

/**
 * Ten times as many documents as the gateway takes at its best, for five minutes, by senders who do not care for
 * Retry-After. The peak is looked for before and after: the machine may have got slower or faster meanwhile.
 */
export const overload: LoadTrial = {
  id: 'overload',
  title: 'ten times as much as can be done, for five minutes',
  run: (extent) =>
    withCrowd({ apis: 1, workers: 1, extent }, async (crowd, gateway) => {
      const { seed, scale, tell } = extent
      const senders = 20
      const api = gateway.processes.find(({ kind }) => kind === 'api')!.pid
      const even = (count: number) => Array.from({ length: senders }, () => Math.ceil(count / senders) + 5)
      const measured = async (load: CrowdLoad, seconds: number): Promise<Spent> => {
        const before = processorTime(api)
        const ran = await crowd.run(load, seconds, seed)
        return { ...ran, spentMs: processorTime(api) - before }
      }
      await crowd.prepare(even(500))
      const first = await crowd.run({ inFlight: IN_FLIGHT }, WARM_UP, seed)
      const perPhase = (seconds: number) => even(goodput(first) * 3 * seconds)
      const peakSeconds = Math.max(10, PEAK_SECONDS / scale)
      await crowd.prepare(perPhase(peakSeconds))
      const before = await measured({ inFlight: IN_FLIGHT }, peakSeconds)
      const memoryBefore = peakMemory(api)
      const rate = goodput(before) * TIMES
      tell(`peak ${goodput(before).toFixed(1)}/s; now ${rate.toFixed(0)}/s`)
      const seconds = WHOLE_SECONDS / scale
      await crowd.prepare(perPhase(seconds))
      const rates = Array.from({ length: senders }, () => rate / senders)
      const over = await measured({ rates }, seconds)
      const memoryOver = peakMemory(api)
      tell(`overload ${goodput(over).toFixed(1)}/s, refused ${refusals(over.results)}`)
      await crowd.prepare(perPhase(peakSeconds))
      const after = await measured({ inFlight: IN_FLIGHT }, peakSeconds)
      return measuresOf({ before, over, after, memory: [memoryBefore, memoryOver] })
    }),
}

/** With the processor time of the API. */
interface Spent extends Ran {
  readonly spentMs: number
}

/** Milliseconds of the API's processor time for one accepted document, refusals included. */
const costOf = ({ results, spentMs }: Spent): number => spentMs / total(results, (one) => one.accepted)

interface Phases {
  readonly before: Spent
  readonly over: Spent
  readonly after: Spent
  readonly memory: readonly [before: number, over: number]
}

function measuresOf({ before, over, after, memory }: Phases): Measure[] {
  const peak = (goodput(before) + goodput(after)) / 2
  const part = goodput(over) / peak
  const grown = memory[1] / memory[0]
  const { results } = over
  const offered = total(results, (one) => one.offered)
  const told = quantile(
    results.flatMap((one) => one.refusalWaits),
    0.95,
  )
  const silent = total(results, (one) => one.withoutTime)
  const unanswered = total(results, (one) => one.refused[0] ?? 0)
  const share = (ones: number, all: number) => `${((ones / all) * 100).toFixed(1)} %`
  const urgent = [total(results, (o) => o.urgentAccepted), total(results, (o) => o.urgentOffered)] as const
  return [
    {
      name: 'peak before and after',
      seen: `${goodput(before).toFixed(1)}/s, ${goodput(after).toFixed(1)}/s`,
      bar: null,
      met: true,
    },
    {
      name: 'offered',
      seen: `${(offered / over.seconds).toFixed(0)}/s for ${over.seconds.toFixed(0)} s; refused ${refusals(results)}`,
      bar: null,
      met: true,
    },
    {
      name: 'goodput',
      seen: `${goodput(over).toFixed(1)}/s, ${(part * 100).toFixed(0)} % of the peak`,
      bar: '80 %',
      met: part >= LEAST_GOODPUT,
    },
    {
      name: 'processor time of the API for one accepted document, at the peak and under overload',
      seen: `${costOf(before).toFixed(1)} and ${costOf(after).toFixed(1)} ms, ${costOf(over).toFixed(1)} ms`,
      bar: null,
      met: true,
    },
    {
      name: 'memory of the API at its largest',
      seen: `${memory[0].toFixed(0)} MiB, ${memory[1].toFixed(0)} MiB: ${grown.toFixed(2)} times`,
      bar: '1.2 times',
      met: grown <= MOST_MEMORY,
    },
    { name: 'refusals told, p95', seen: `${told.toFixed(0)} ms`, bar: '2000 ms', met: told <= TOLD_WITHIN },
    { name: '429 and 503 without Retry-After', seen: String(silent), bar: '0', met: silent === 0 },
    { name: 'connections that broke', seen: String(unanswered), bar: '0', met: unanswered === 0 },
    {
      name: 'accepted of urgent ones, of all',
      seen: `${share(...urgent)}, ${share(
        total(results, (o) => o.accepted),
        offered,
      )}`,
      bar: 'urgent ones more',
      met: urgent[0] / urgent[1] > total(results, (o) => o.accepted) / offered,
    },
  ]
}
