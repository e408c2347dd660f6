import type { DelegationRecord } from '../../db/delegations.ts'
import { holdsOn } from '../../domain/directory/fact.ts'
import type { AgencyOnDay } from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import type { SenderOutcome } from './words.ts'

/** An agency whose system may send in the sender's name on a day. */
export interface Delegate {
  readonly code: AgencyCode
  readonly name: string | null
  /** A delegate that is not open itself cannot act. */
  readonly isOpen: boolean
  readonly validFrom: string
  readonly validTo: string | null
}

export interface SenderAnswer {
  readonly spelling: string
  readonly outcome: SenderOutcome
  /** The alias that was used; null where it was the code. */
  readonly alias: string | null
  readonly agency: AgencyOnDay | null
  /** Who may act for it on that day. */
  readonly delegates: readonly Delegate[]
}

/** Whether an agency can send on a day, and who may do it in its name. */
export function explainSender(
  directory: DirectorySnapshot,
  delegations: readonly DelegationRecord[],
  spelling: string,
  day: string,
): SenderAnswer {
  const named = directory.codeOf(spelling, day)
  const agency = named && directory.agency(named.code, day)
  if (named === undefined || agency === undefined)
    return { spelling, outcome: 'unknown', alias: null, agency: null, delegates: [] }
  const delegates = delegations
    .filter((one) => one.agency === named.code && holdsOn(one, day))
    .map(({ delegate, validFrom, validTo }) => ({
      code: delegate,
      name: directory.agency(delegate, day)?.name ?? null,
      isOpen: directory.isOpen(delegate, day),
      validFrom,
      validTo,
    }))
  const outcome = directory.isOpen(named.code, day) ? 'open' : 'closed'
  return { spelling, outcome, alias: named.alias, agency, delegates }
}
