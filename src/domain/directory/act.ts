import type { AgencyCode } from '../identifiers.ts'
import type { TierCode } from '../tier.ts'
import type { AliasForm, ContactPoint, EndpointValue, FactValues } from './fact.ts'
import type { GroupMembers } from './group.ts'
import type { Heir, WhenAddressed, WhenInFlight } from './succession.ts'

/** `on` is the first day (`yyyy-MM-dd`, Vietnam) on which what the act says holds; it may be in the future. */
interface On {
  readonly on: string
}

interface Ending extends On {
  readonly whenAddressed?: WhenAddressed
  readonly whenInFlight?: WhenInFlight
  readonly basis?: string | null
}

interface SuccessionOnly {
  /** What becomes of the agencies directly beneath: they come under the main successor, or stay as they are. */
  readonly children?: 'follow' | 'stay'
}

/** What an administrator does to the directory, in the words of the decrees. Each becomes a delta of facts. */
export interface Acts {
  readonly establish: On & {
    readonly code: AgencyCode
    readonly name: string
    readonly tier: TierCode
    readonly parent: AgencyCode | null
    readonly until?: string | null
    readonly aliases?: readonly { readonly alias: string; readonly form: AliasForm }[]
  }
  readonly rename: On & { readonly code: AgencyCode; readonly name: string }
  /** Another tier, another parent, or both. */
  readonly move: On & {
    readonly code: AgencyCode
    readonly tier?: TierCode
    readonly parent?: AgencyCode | null
  }
  /** n to 1. `into` is one of them that goes on, or another agency. */
  readonly merge: Ending &
    SuccessionOnly & { readonly codes: readonly AgencyCode[]; readonly into: AgencyCode }
  /** 1 to n. */
  readonly split: Ending &
    SuccessionOnly & {
      readonly code: AgencyCode
      readonly into: readonly Heir[]
      readonly main: AgencyCode | null
    }
  /** The same agency under a new code: name, placement, endpoint, contacts and certificates go with it. */
  readonly recode: Ending & { readonly code: AgencyCode; readonly newCode: AgencyCode }
  readonly close: Ending &
    SuccessionOnly & { readonly code: AgencyCode; readonly successor: AgencyCode | null }
  readonly 'add-alias': On & { readonly code: AgencyCode; readonly alias: string; readonly form: AliasForm }
  readonly 'end-alias': On & { readonly code: AgencyCode; readonly alias: string }
  readonly 'set-contact': On & { readonly code: AgencyCode; readonly contact: ContactPoint }
  readonly 'end-contact': On & { readonly code: AgencyCode; readonly role: string }
  /** `endpoint` null: back to the default. */
  readonly 'set-endpoint': On & {
    readonly code: AgencyCode
    readonly endpoint: EndpointValue | null
    readonly until?: string | null
  }
  readonly 'add-certificate': On & {
    readonly code: AgencyCode
    readonly certificate: FactValues['certificate']
    readonly until?: string | null
  }
  readonly 'end-certificate': On & { readonly code: AgencyCode; readonly sha256: string }
  readonly 'set-group': On & {
    readonly code: AgencyCode
    readonly name: string
    readonly members: GroupMembers
  }
  readonly 'end-group': On & { readonly code: AgencyCode }
  /**
   * Says that a recorded fact was wrong: takes it back, and says what was true in its place, also for days that have
   * passed. `facts` names what is taken back by id.
   */
  readonly correct: {
    readonly facts: readonly number[]
    readonly instead: readonly import('./fact.ts').NewFact[]
  }
}

export type ActName = keyof Acts
export type Act<N extends ActName = ActName> = { [P in N]: { readonly act: P } & Acts[P] }[N]
