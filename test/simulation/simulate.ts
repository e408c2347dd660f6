import { comeToRest } from './calm.ts'
import { reduce } from './events.ts'
import { breachOf } from './invariants.ts'
import { RULES, type Rules } from './rules.ts'
import type { Scenario } from './scenario.ts'
import { begin, type State } from './state.ts'

export interface Run {
  /** What did not hold; null where everything did. */
  readonly breach: string | null
  /** What happened until then, the calm afterwards left out. */
  readonly events: readonly string[]
  readonly last: State
}

/** Plays a scenario: its steps with all their faults, and then the calm in which everything must come to rest. */
export function simulate(scenario: Scenario, rules: Rules = RULES): Run {
  let state = begin(scenario)
  const events: string[] = []
  for (const step of scenario.steps) {
    const { after, event } = reduce(rules, state, step)
    events.push(event)
    const breach = after === state ? null : breachOf(state, after)
    if (breach !== null) return { breach, events, last: after }
    state = after
  }
  const last = comeToRest(rules, state)
  return { breach: last.breach, events: [...events, 'calm'], last }
}
