import fc from 'fast-check'
import t from 'tap'
import { ATTEMPT_STATES } from '../../../src/domain/attempt-state.ts'
import { DELIVERY_STATE_IDS } from '../../../src/domain/delivery-state.ts'
import { MUTATIONS } from '../../simulation/mutations.ts'
import { RULES, type Rules } from '../../simulation/rules.ts'
import { type Scenario, scenarios } from '../../simulation/scenario.ts'
import { simulate } from '../../simulation/simulate.ts'
import { KEPT } from './kept-scenarios.ts'

/** Runs in the checks of every change. `TRAM_SIMULATIONS=1000000` for a night. */
const RUNS = Number(process.env.TRAM_SIMULATIONS ?? 10_000)
/** Within how many runs a broken condition must be noticed. */
const NOTICED_WITHIN = 1_000

const holds = (rules?: Rules) =>
  fc.property(scenarios, (scenario: Scenario) => {
    const { breach, events } = simulate(scenario, rules)
    if (breach !== null) throw new Error(`${breach}; after: ${events.join(', ')}`)
  })

t.test(`${RUNS} lives of deliveries, in virtual time, with everything that can go wrong`, async (t) => {
  const seen = new Map<string, number>()
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)
  const began = process.cpuUsage()
  // fast-check prints the seed, the path and the smallest scenario of a failure: keep that in kept-scenarios.ts.
  fc.assert(
    fc.property(scenarios, (scenario) => {
      const { breach, events, last } = simulate(scenario)
      if (breach !== null) throw new Error(`${breach}; after: ${events.join(', ')}`)
      for (const { state } of last.tables.deliveries) count(`delivery ${state}`)
      for (const { state } of last.tables.attempts) count(`attempt ${state}`)
    }),
    { numRuns: RUNS, examples: KEPT.map((scenario): [Scenario] => [scenario]) },
  )
  const { user, system } = process.cpuUsage(began)
  t.comment(`${((user + system) / 1e6).toFixed(1)} s of processor time: ${JSON.stringify([...seen])}`)
  const ends = DELIVERY_STATE_IDS.filter((state) => state !== 'waiting').map((state) => `delivery ${state}`)
  const attempts = Object.keys(ATTEMPT_STATES)
    .filter((state) => state !== 'started')
    .map((state) => `attempt ${state}`)
  for (const what of [...ends, ...attempts]) t.ok(seen.has(what), `${what} was among them`)
})

t.test('a run is the same each time', async (t) => {
  for (const scenario of fc.sample(scenarios, { numRuns: 20, seed: 1 })) {
    t.same(simulate(scenario).last, simulate(scenario).last)
  }
})

t.test('a condition that is broken is noticed', async (t) => {
  for (const [name, mutation] of Object.entries(MUTATIONS)) {
    const found = fc.check(holds({ ...RULES, ...mutation }), {
      numRuns: NOTICED_WITHIN,
      seed: 1,
      endOnFailure: true,
    })
    t.ok(found.failed, `${name}: within ${found.numRuns} runs`)
    if (found.errorInstance instanceof Error)
      t.comment(`${name}: ${found.errorInstance.message.split(';')[0]}`)
  }
})
