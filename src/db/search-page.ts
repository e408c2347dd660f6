import type { Queryable } from './pool.ts'
import {
  gatherSpan,
  oldestOf,
  type PageOptions,
  type Positioned,
  type RecordKind,
  type Span,
  spanOfNewest,
  walkSpan,
} from './search.ts'
import type { Filters } from './search-conditions.ts'

/*
 * How many records pass the filters, and how old they are, cannot be known before they are looked for: a plan that is
 * right for one word is a thousand times too slow for another. So it is found out in steps of bounded work: the newest are
 * looked at one by one, which suffices for what is frequent; what is rare is gathered by the indexes, from spans of time
 * that grow; and where too many turn out to lie in a span, it is divided.
 */

/** How much is done in one step. */
export interface SearchBounds {
  /** Records that are looked at one by one. */
  readonly walked: number
  /** Records that are gathered from one span. */
  readonly gathered: number
}

const BOUNDS: SearchBounds = { walked: 3_000, gathered: 5_000 }

/** How much longer each span is than all before it. */
const GROWTH = 9
const SPANS = 2
/** Into how many a span is divided in which too many lie. */
const PARTS = 10
/** Milliseconds: a shorter span is no longer divided. */
const SHORTEST_MS = 1_000

/** Filters that few records pass, whatever else is asked. */
const POINTED = ['document', 'delivery', 'edxmlDocumentId'] as const satisfies readonly (keyof Filters)[]

interface Search<K extends RecordKind> {
  readonly db: Queryable
  readonly kind: K
  readonly filters: Filters
  readonly after: PageOptions['after']
  readonly bounds: SearchBounds
}

/** One page of records, the newest first. Records that come meanwhile are newer, and move no later page. */
export async function searchRecords<K extends RecordKind>(
  db: Queryable,
  kind: K,
  filters: Filters,
  { after, limit }: PageOptions,
  bounds = BOUNDS,
): Promise<Positioned<K>[]> {
  const search = { db, kind, filters, after, bounds }
  if (POINTED.some((name) => filters[name] !== undefined)) {
    const few = await gather(search, {}, limit)
    if (few !== null) return few
  }
  const { rows } = await db.query<{ newest: Date | null; from: Date | null }>(
    spanOfNewest(kind, filters, after, bounds.walked),
  )
  const { newest, from } = rows[0]!
  if (newest === null) return []
  const found = await walk(search, from === null ? {} : { from: from.toISOString() }, limit)
  if (from === null || found.length >= limit) return found
  return [...found, ...(await searchBefore(search, from, newest, limit - found.length))]
}

/** What lies before an instant, where that from it on to the newest was not enough. */
async function searchBefore<K extends RecordKind>(
  search: Search<K>,
  before: Date,
  newest: Date,
  limit: number,
): Promise<Positioned<K>[]> {
  const shortest = Math.max(newest.getTime() - before.getTime(), SHORTEST_MS)
  const found: Positioned<K>[] = []
  // The newest last: that is taken next.
  const spans = growingSpans(before, shortest)
  for (let span = spans.pop(); span !== undefined && found.length < limit; span = spans.pop()) {
    const more = limit - found.length
    const gathered = await gather(search, span, more)
    if (gathered !== null) found.push(...gathered)
    else {
      const bounded = { from: span.from ?? (await oldest(search)), to: span.to! }
      if (Date.parse(bounded.to) - Date.parse(bounded.from) <= shortest)
        found.push(...(await walk(search, span, more)))
      else spans.push(...divided(span, bounded))
    }
  }
  return found
}

const isoOf = (ms: number): string => new Date(ms).toISOString()

/** From the oldest, which has no beginning, to that which ends at an instant. */
function growingSpans(end: Date, shortest: number): Span[] {
  const ends = Array.from({ length: SPANS + 1 }, (_, index) =>
    isoOf(end.getTime() - shortest * ((GROWTH + 1) ** index - 1)),
  )
  return ends.map((to, index) => ({ from: ends[index + 1], to })).reverse()
}

/** The newest part, which is the shorter one, and the rest before it. */
function divided(span: Span, { from, to }: Readonly<Record<'from' | 'to', string>>): Span[] {
  const between = isoOf(Date.parse(to) - (Date.parse(to) - Date.parse(from)) / PARTS)
  return [
    { from: span.from, to: between },
    { from: between, to },
  ]
}

async function walk<K extends RecordKind>(
  { db, kind, filters, after }: Search<K>,
  span: Span,
  limit: number,
): Promise<Positioned<K>[]> {
  const page = { ...(after && { after }), limit }
  return (await db.query<Positioned<K>>(walkSpan(kind, filters, span, page))).rows
}

/** Null where there are too many. */
async function gather<K extends RecordKind>(
  { db, kind, filters, after, bounds: { gathered } }: Search<K>,
  span: Span,
  limit: number,
): Promise<Positioned<K>[] | null> {
  const page = { ...(after && { after }), limit, most: gathered }
  const { rows } = await db.query<Positioned<K> & { found: number }>(gatherSpan(kind, filters, span, page))
  return (rows[0]?.found ?? 0) > gathered ? null : rows
}

async function oldest({ db, kind, filters }: Search<RecordKind>): Promise<string> {
  const { rows } = await db.query<{ oldest: Date | null }>(oldestOf(kind, filters))
  return (rows[0]?.oldest ?? new Date(0)).toISOString()
}
