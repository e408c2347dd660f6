import type { FactKind, NewFact } from '../../domain/directory/fact.ts'
import { saysTheSame } from '../../domain/directory/fact-values.ts'
import { earlierEnd } from '../../domain/directory/intervals.ts'
import { whatFollows } from './go-on.ts'
import { place } from './parents.ts'
import { type Later, type OnRecord, onRecord, type Saying } from './saying.ts'
import type { Workbench } from './workbench.ts'

/** What saying something came to. */
export interface Said {
  readonly changed: boolean
  readonly later: readonly Later[]
}

/**
 * Says a value from a day on, in place of what holds then, until something else is on record for later days, the agency
 * closes, or `until`. Where the agency was already given another code for a later day, the value goes on to that one, as
 * if it had been said first; and so on, and so do placements that are as they are because of this one.
 */
export function say(bench: Workbench, first: Saying): Said {
  const later: Later[] = []
  let changed = false
  for (let here: Saying | undefined = first; here !== undefined; ) {
    const record = onRecord(bench.view, here)
    const end = plannedEnd(here, record)
    if (end !== undefined) later.push(end)
    const saying: Saying = end?.what === 'end' ? { ...here, until: end.from } : here
    const following = whatFollows(bench.view, saying, record)
    changed = write(bench, saying, record) || changed
    if (following.later !== undefined) later.push(following.later)
    here = following.saying?.(bench.view)
  }
  return { changed, later }
}

/** Kinds whose acts say until when, and so say an end anew. */
const WITH_UNTIL: readonly FactKind[] = ['endpoint', 'certificate']

/** An end that is on record by itself, for a day before anything else ends it. */
function plannedEnd(
  { subject, kind, value, until }: Saying,
  { was, next, closing }: OnRecord,
): Later | undefined {
  const from = was?.validTo ?? null
  if (value === undefined || until !== null || from === null) return undefined
  if (from === closing || from === next?.validFrom) return undefined
  return { subject, from, what: WITH_UNTIL.includes(kind) ? 'end-dropped' : 'end' }
}

/** @returns whether anything is otherwise afterwards */
function write(bench: Workbench, saying: Saying, { was, next, closing }: OnRecord): boolean {
  const { subject, kind, value, on, until } = saying
  if (value === undefined) {
    if (was !== undefined) bench.endAt(was, on)
    return was !== undefined
  }
  const validTo = earlierEnd(earlierEnd(until, closing), next?.validFrom ?? null)
  if (was !== undefined && was.validTo === validTo && saysTheSame(was.value, value)) return false
  if (was !== undefined) bench.endAt(was, on)
  const fact = { subject, kind, value, validFrom: on, validTo } as NewFact
  if (fact.kind === 'placement') place(bench, subject, fact.value, fact)
  else bench.assert(fact)
  return true
}
