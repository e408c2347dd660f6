import type { Fact, FactKind } from '../../domain/directory/fact.ts'
import { keyOf, saysTheSame } from '../../domain/directory/fact-values.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot, FactOfKind } from '../snapshot/snapshot.ts'
import { isDerived, standsUnder, takerOf, wayUp } from './above.ts'
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
    return { saying: (after) => ({ ...saying, on, value: asLastPlaced(after, saying, on) }) }
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
    return value === undefined && copy !== undefined
      ? NOTHING
      : { later: { subject, from: on, what: 'change' } }
  return value === undefined && copy === undefined
    ? NOTHING
    : {
        saying: (after) => ({
          ...saying,
          ...{ subject, on, value: value && asLastPlaced(after, saying, on) },
        }),
      }
}

/** A value as it is when a day comes: a placement has followed those above by then. */
const asLastPlaced = (view: DirectorySnapshot, { subject, kind, value }: Saying, day: string): Value =>
  kind !== 'placement'
    ? value
    : (view.factsOfKind(subject, kind).find(({ validTo }) => validTo === day)?.value ?? value)

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
  const way = wayUp(view, subject, parent, on)
  if (!way.inPlaceOf.includes(saying.subject) || now.value.parent !== way.above) return NOTHING
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

const valueOn = (value: Value, until: string | null, day: string): Value =>
  until === null || until > day ? value : undefined

const same = (a: Value, b: Value): boolean =>
  a === undefined || b === undefined ? a === b : saysTheSame(a, b)

const isPlacement = (fact: Fact | undefined): fact is FactOfKind<'placement'> => fact?.kind === 'placement'
