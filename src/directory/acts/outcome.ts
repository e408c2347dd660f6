import type { Bilingual } from '../../domain/bilingual.ts'
import type { Delta, FactKind, FactValues } from '../../domain/directory/fact.ts'
import type { Fault } from '../../domain/fault.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { TierCode } from '../../domain/tier.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'

/** What acts are carried out with, beside the directory. */
export interface ActContext {
  /** `yyyy-MM-dd`, Vietnam: what is said of earlier days changes the past. */
  readonly today: string
  readonly tiers: readonly { readonly code: TierCode; readonly closedOn: string | null }[]
  /** JSON pointer of the list of acts, for the paths of faults; `#/content` where none is given. */
  readonly path?: string
}

/** One thing that is otherwise than it was on record, for an interval of days. */
export interface Change {
  readonly subject: AgencyCode
  readonly kind: FactKind
  /** `yyyy-MM-dd`, Vietnam: its first day. */
  readonly from: string
  /** The first day after it; null where it has no end. */
  readonly to: string | null
  /** What was on record for these days; undefined where nothing was. */
  readonly before: FactValues[FactKind] | undefined
  readonly after: FactValues[FactKind] | undefined
}

/** An act that says something else of days that have passed than was on record. */
export interface PastCorrection {
  readonly correctsPast: true
  /** The act. */
  readonly path: string
  readonly changes: readonly Change[]
  readonly text: Bilingual
}

/** What acts come to. Where there are faults of severity `error`, nothing is done: the delta is empty. */
export interface Outcome {
  readonly delta: Delta
  /** Everything that refuses the acts, all together. */
  readonly faults: readonly Fault[]
  /** What is let through, and told to whoever writes and approves. */
  readonly warnings: readonly Fault[]
  readonly notes: readonly PastCorrection[]
  readonly correctsPast: boolean
  /** The directory with the acts, by the number of the revision before them; as it was where they are refused. */
  readonly after: DirectorySnapshot
}
