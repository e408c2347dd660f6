import fc, { type RunDetails } from 'fast-check'
import { ATTEMPT_STATES } from '../../src/domain/attempt-state.ts'
import { DELIVERY_STATE_IDS } from '../../src/domain/delivery-state.ts'
import { type Scenario, scenarios } from './scenario.ts'
import { simulate } from './simulate.ts'

export interface Lives {
  /** With the seed, the path and the smallest scenario of a failure. */
  readonly details: RunDetails<[Scenario]>
  /** How often each state was the last of a delivery or an attempt, as `delivery acknowledged`. */
  readonly seen: ReadonlyMap<string, number>
  /** Of the processor. */
  readonly seconds: number
}

/** What nobody reaches says nothing about itself: every end of a delivery and of an attempt must be among them. */
export const ALL_ENDS: readonly string[] = [
  ...DELIVERY_STATE_IDS.filter((state) => state !== 'waiting').map((state) => `delivery ${state}`),
  ...Object.keys(ATTEMPT_STATES)
    .filter((state) => state !== 'started')
    .map((state) => `attempt ${state}`),
]

/** Plays lives of deliveries in virtual time, with everything that can go wrong, until one breaks an invariant. */
export function playLives(
  numRuns: number,
  { seed, kept = [] }: { readonly seed?: number; readonly kept?: readonly Scenario[] } = {},
): Lives {
  const seen = new Map<string, number>()
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)
  const began = process.cpuUsage()
  const details = fc.check(
    fc.property(scenarios, (scenario) => {
      const { breach, events, last } = simulate(scenario)
      if (breach !== null) throw new Error(`${breach}; after: ${events.join(', ')}`)
      for (const { state } of last.tables.deliveries) count(`delivery ${state}`)
      for (const { state } of last.tables.attempts) count(`attempt ${state}`)
    }),
    {
      numRuns,
      examples: kept.map((scenario): [Scenario] => [scenario]),
      ...(seed !== undefined && { seed }),
    },
  )
  const { user, system } = process.cpuUsage(began)
  return { details, seen, seconds: (user + system) / 1e6 }
}
