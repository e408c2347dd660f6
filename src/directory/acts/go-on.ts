import type { Fact, FactKind } from '../../domain/directory/fact.ts'
import { keyOf, saysTheSame } from '../../domain/directory/fact-values.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot, FactOfKind } from '../snapshot/snapshot.ts'
import { isDerived, standsUnder, takerOf } from './parents.ts'
import type { Later, OnRecord, Saying } from './saying.ts'

type Value = Saying['value']

/** What comes of a saying on the day on which what its subject has of it ends, or something else begins. */
export interface Following {
  readonly later?: Later
  /** What is said there in turn, once the saying itself was written. */
  readonly saying?: (view: DirectorySnapshot) => Saying
}

const NOTHING: Following = {}

/** What a saying leads to, looked up before it is written. */
export function whatFollows(view: DirectorySnapshot, saying: Saying, record: OnRecord): Following {
  const { next, closing } = record
  if (next !== undefined) return pastNext(view, saying, record.was, next)
  if (closing === null) return NOTHING
  const succession = view.fact(saying.subject, 'succession', closing)
  if (succession?.validFrom !== closing || succession.value.main === null) return NOTHING
  return succession.value.act === 'recode'
    ? toOtherCode(view, saying, record.was, succession.value.main, closing)
    : inItsPlace(view, saying, closing)
}

/** Something else is on record: it stays, unless it only says that the agency went along with the one above. */
function pastNext(view: DirectorySnapshot, saying: Saying, was: Fact | undefined, next: Fact): Following {
  const { subject, value, until } = saying
  const on = next.validFrom
  if (isPlacement(was) && isPlacement(next) && isDerived(view, was, next))
    return { saying: () => ({ ...saying, on }) }
  return valueOn(value, until, on) === undefined ? NOTHING : { later: { subject, from: on, what: 'change' } }
}

/**
 * The agency goes on under another code. What was copied there when the code was given is brought in line; what was said
 * of the new code itself stays.
 */
function toOtherCode(
  view: DirectorySnapshot,
  saying: Saying,
  was: Fact | undefined,
  subject: AgencyCode,
  on: string,
): Following {
  const { kind, key, until } = saying
  const copy = view
    .factsOfKind<FactKind>(subject, kind)
    .find((fact) => fact.validFrom <= on && (fact.validTo ?? '9999') > on && keyOf(fact) === key)
  const value = valueOn(saying.value, until, on)
  const expected = copied(view, was, subject, on)
  if (!same(copy?.value, expected))
    return same(copy?.value, value) ? NOTHING : { later: { subject, from: on, what: 'change' } }
  return value === undefined && copy === undefined
    ? NOTHING
    : { saying: () => ({ ...saying, subject, value, on }) }
}

/** What is copied to another code on the day on which it is given. */
function copied(view: DirectorySnapshot, was: Fact | undefined, code: AgencyCode, on: string): Value {
  if (was?.validTo !== on) return undefined
  if (!isPlacement(was)) return was.value
  return { tier: was.value.tier, parent: standsUnder(view, code, was.value.parent, on) }
}

/** Who takes over from its own parent comes in that one's place, and so stands wherever that one last stood. */
function inItsPlace(view: DirectorySnapshot, saying: Saying, on: string): Following {
  if (saying.kind !== 'placement') return NOTHING
  const subject = takerOf(view, saying.subject, on)
  const before = view.factsOfKind(subject, 'placement').find(({ validTo }) => validTo === on)
  const now = view.fact(subject, 'placement', on)
  if (before === undefined || now === undefined) return NOTHING
  const { parent } = before.value
  if (!leadsPast(view, subject, parent, saying.subject, on)) return NOTHING
  if (now.value.parent !== standsUnder(view, subject, parent, on)) return NOTHING
  const { tier } = now.value
  return {
    saying: (after) => ({
      ...saying,
      subject,
      on,
      value: { tier, parent: standsUnder(after, subject, parent, on) },
    }),
  }
}

/** Whether the way up from a parent leads past an agency, along those whom one agency took over on a day. */
function leadsPast(
  view: DirectorySnapshot,
  taker: AgencyCode,
  from: AgencyCode | null,
  past: AgencyCode,
  day: string,
): boolean {
  const seen = new Set<AgencyCode>()
  for (let above = from; above !== null && !seen.has(above); ) {
    if (above === past) return true
    if (takerOf(view, above, day) !== taker) return false
    seen.add(above)
    above = view.nearest(above, 'placement', day)?.value.parent ?? null
  }
  return false
}

const valueOn = (value: Value, until: string | null, day: string): Value =>
  until === null || until > day ? value : undefined

const same = (a: Value, b: Value): boolean =>
  a === undefined || b === undefined ? a === b : saysTheSame(a, b)

const isPlacement = (fact: Fact | undefined): fact is FactOfKind<'placement'> => fact?.kind === 'placement'
