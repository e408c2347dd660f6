import { type Fact, type FactKind, holdsOn, type NewFact } from '../../domain/directory/fact.ts'
import { keyOf } from '../../domain/directory/fact-values.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { WHILE_OPEN } from './workbench.ts'

/** A value that is said from a day on; undefined: none holds from that day on. */
export interface Saying {
  readonly subject: AgencyCode
  readonly kind: FactKind
  /** Which of the facts of its kind, such as the role of a contact point. */
  readonly key: string
  readonly value: NewFact['value'] | undefined
  /** `yyyy-MM-dd`, Vietnam: its first day. */
  readonly on: string
  /** The first day after it; null where none is said. */
  readonly until: string | null
}

/** What was on record of the same from the first day on, before anything was written. */
export interface OnRecord {
  /** What held on the first day. */
  readonly was: Fact | undefined
  /** The first to begin later. */
  readonly next: Fact | undefined
  /** The day on which the subject closes, of what it has only while open; null where none is on record. */
  readonly closing: string | null
}

/** What is on record for a later day and bounds what is said (`change`, `end`), or is undone by it (`end-dropped`). */
export interface Later {
  readonly subject: AgencyCode
  readonly from: string
  readonly what: 'change' | 'end' | 'end-dropped'
}

export function onRecord(view: DirectorySnapshot, { subject, kind, key, on }: Saying): OnRecord {
  const same = view.factsOfKind<FactKind>(subject, kind).filter((fact) => keyOf(fact) === key)
  const bound = WHILE_OPEN.some((one) => one === kind)
  const closing = bound ? (view.fact(subject, 'existence', on)?.validTo ?? null) : null
  // Beyond the closing it is another agency that was given the code again.
  const later = same.filter(({ validFrom }) => validFrom > on && (closing === null || validFrom < closing))
  return {
    was: same.find((fact) => holdsOn(fact, on)),
    next: later.sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))[0],
    closing,
  }
}
