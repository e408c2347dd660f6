import { quantile } from '../../../scripts/bench/routing/figures.ts'
import { type Measure, noneOf } from '../fault.ts'
import { type LoadTrial, type Ran, refusals, total, withCrowd } from './crowd.ts'
import { warmUp } from './warm-up.ts'

const ROUNDS = 3
const PHASE_SECONDS = 50
const IN_FLIGHT = 32
const TIMES = 50
/** Of these, in so few rounds of documents that become due at random. */
const LEAST_OFFERED = 0.95
/** Part of the peak that all send together while everybody keeps to his share. */
const LOADED = 0.5
const MOST_WORSE = 1.2
const SENDERS = 20

/** The greedy one is the last sender. */
const othersOf = ({ results }: Ran) => results.slice(0, -1)
/** p95 of what the others' documents wait, in ms, over some phases. */
const othersP95 = (phases: readonly Ran[]): number =>
  quantile(
    phases.flatMap(othersOf).flatMap((one) => one.waits),
    0.95,
  )
const othersRefused = (ran: Ran): number => total(othersOf(ran), (one) => one.offered - one.accepted)
const othersUnsent = (ran: Ran): number => total(othersOf(ran), (one) => one.due - one.offered)

/**
 * Twenty agencies send at half of what the gateway takes; then one of them sends fifty times its share. Quiet and greedy
 * phases take turns, so that a machine that gets slower is no greedy agency's fault.
 */
export const greedyAgency: LoadTrial = {
  id: 'greedy',
  title: 'one agency at fifty times its share, and what the others wait',
  conditions: `queue in redis, 1 API, 1 worker, ${SENDERS} senders at half of the peak together`,
  limitSeconds: 1_800,
  run: (extent) =>
    withCrowd({ apis: 1, workers: 1, extent }, async (crowd) => {
      const { seed, scale, tell } = extent
      const { rate } = await warmUp(crowd, { senders: SENDERS, inFlight: IN_FLIGHT, seed })
      const share = (rate * LOADED) / SENDERS
      const seconds = PHASE_SECONDS / scale
      const rates = (greedy: number) =>
        Array.from({ length: SENDERS }, (_, at) => (at === SENDERS - 1 ? share * greedy : share))
      const counts = rates(TIMES / 2).map((rate) => Math.ceil(rate * seconds * 1.5) + 20)
      const phase = async (greedy: number, round: number) => {
        await crowd.prepare(counts)
        const ran = await crowd.run({ rates: rates(greedy) }, seconds, seed + round)
        const own = ran.results.at(-1)!
        tell(
          `${greedy} times: others p95 ${othersP95([ran]).toFixed(0)} ms, refused ${refusals(othersOf(ran))}; ` +
            `own ${own.accepted} of ${own.offered}, refused ${refusals([own])}`,
        )
        return ran
      }
      const quiet: Ran[] = []
      const greedy: Ran[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        quiet.push(await phase(1, round))
        greedy.push(await phase(TIMES, round))
      }
      const own = greedy.map(({ results, seconds }) => results.at(-1)!.offered / seconds)
      const offered = own.reduce((sum, rate) => sum + rate, 0) / own.length
      const worse = othersP95(greedy) / othersP95(quiet)
      const p95s = (phases: readonly Ran[]) =>
        `${othersP95(phases).toFixed(0)} ms (${phases.map((ran) => othersP95([ran]).toFixed(0)).join(', ')})`
      return [
        {
          name: 'share of one agency',
          seen: `${share.toFixed(2)}/s, one of ${SENDERS}`,
          bar: null,
          met: true,
        },
        { name: "others' p95, quiet: all rounds, and each", seen: p95s(quiet), bar: null, met: true },
        {
          name: "others' p95, beside the greedy one: all rounds, and each",
          seen: p95s(greedy),
          bar: null,
          met: true,
        },
        {
          name: 'worse by',
          seen: `${((worse - 1) * 100).toFixed(0)} %`,
          bar: '≤ 20 %',
          met: worse <= MOST_WORSE,
        },
        othersTold('quiet', quiet),
        othersTold('beside the greedy one', greedy),
        noneOf(
          "others' documents that found no connection in time",
          [...quiet, ...greedy].reduce((sum, ran) => sum + othersUnsent(ran), 0),
        ),
        {
          name: 'offered by the greedy one',
          seen: `${(offered / share).toFixed(0)} times its share`,
          bar: `≥ ${TIMES * LEAST_OFFERED} times`,
          met: offered / share >= TIMES * LEAST_OFFERED,
        },
        {
          name: 'the greedy one',
          seen: refusals(greedy.map(({ results }) => results.at(-1)!)),
          bar: null,
          met: true,
        },
      ]
    }),
}

/** Of whoever keeps to his share nothing is refused, be there a greedy one or none. */
function othersTold(when: string, phases: readonly Ran[]): Measure {
  const refused = phases.reduce((sum, ran) => sum + othersRefused(ran), 0)
  const others = phases.flatMap(othersOf)
  const told = refused === 0 ? '' : `: ${refusals(others)}`
  const offered = total(others, (one) => one.offered)
  return {
    name: `others' documents refused, ${when}`,
    seen: `${refused} of ${offered}${told}`,
    bar: '0',
    met: refused === 0,
  }
}
