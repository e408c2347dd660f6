import type { AgencyCode } from '../identifiers.ts'
import type { TierCode } from '../tier.ts'

/** Who belongs to an address group: these; or all that are open and that every condition given describes. */
export type GroupMembers =
  | { readonly codes: readonly AgencyCode[] }
  | {
      readonly tier?: TierCode
      /** Beneath this agency, however far. */
      readonly under?: AgencyCode
      /** Directly beneath this agency; null: beneath none. */
      readonly parent?: AgencyCode | null
    }

/** A group as it was expanded when a document was accepted. */
export interface GroupExpansion {
  readonly group: AgencyCode
  readonly name: string
  readonly directoryRevision: number
  readonly members: readonly AgencyCode[]
}
