import fc from 'fast-check'
import t from 'tap'
import { ALL_ENDS, playLives } from '../../simulation/lives.ts'
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
  const { details, seen, seconds } = playLives(RUNS, { kept: KEPT })
  // With the seed, the path and the smallest scenario of a failure: keep that in kept-scenarios.ts.
  if (details.failed) t.fail(String(fc.defaultReportMessage(details)))
  t.comment(`${seconds.toFixed(1)} s of processor time: ${JSON.stringify([...seen])}`)
  for (const end of ALL_ENDS) t.ok(seen.has(end), `${end} was among them`)
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
