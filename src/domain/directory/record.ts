import type { AgencyCode } from '../identifiers.ts'
import type { ContactPoint, EndpointValue, FactValues } from './fact.ts'
import type { AgencyOnDay } from './resolution.ts'
import type { Succession } from './succession.ts'

/** Everything that is said of an agency for one day; where it is not open then, as it was when it last was. */
export interface AgencyRecord extends AgencyOnDay {
  readonly open: boolean
  /** Its first day, `yyyy-MM-dd`, Vietnam. */
  readonly validFrom: string
  /** The first day without it; null where it is not known to end. */
  readonly validTo: string | null
  /** How it ended, and who takes over; null while it is open, and where nobody does. */
  readonly succession: Succession | null
  readonly aliases: readonly FactValues['alias'][]
  readonly contacts: readonly ContactPoint[]
  /** Its own. */
  readonly endpoint: EndpointValue | null
  /** The latest directory revision that says anything of it that still stands. */
  readonly lastTouchedRevision: number
}

/** An endpoint, and the agency whose it is: its own, or one above. */
export interface EndpointOf {
  readonly endpoint: EndpointValue
  readonly of: AgencyCode
}
