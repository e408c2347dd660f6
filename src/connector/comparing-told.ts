import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import type { AgencyCode } from '../domain/identifiers.ts'

/** What another exchange's directory is compared with. */
export interface ComparingTold {
  readonly directory: DirectorySnapshot
  /** `yyyy-MM-dd`, Vietnam: of the comparison, and from when on the acts hold. */
  readonly day: string
  /** Agencies of which nobody else's word counts here, each with everybody beneath. */
  readonly home: readonly AgencyCode[]
}

/** Whether an agency is at home here. */
export const isHomeIn =
  ({ directory, day, home }: ComparingTold) =>
  (code: AgencyCode): boolean =>
    home.some((one) => directory.isUnder(code, one, day))
