import type { LoadTrial } from './crowd.ts'
import { fullTier } from './full-tier.ts'
import { greedyAgency } from './greedy-agency.ts'
import { overloadOf } from './overload.ts'

/** Every trial of load, by its id. */
export const LOAD_TRIALS: Readonly<Record<string, LoadTrial>> = {
  overload: overloadOf('overload', 'small'),
  'overload-pdf': overloadOf('overload-pdf', 'pdf'),
  greedy: greedyAgency,
  tier: fullTier,
}
