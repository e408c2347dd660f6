import type { Queryable } from './pool.ts'
import {
  gatherSpan,
  isOfRecipient,
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
  /** Records that are looked at one by one; of those to one recipient, whose documents lie apart, a part of them. */
  readonly walked: number
  readonly walkedApart: number
  /** Records that are gathered from one span. */
  readonly gathered: number
}

const BOUNDS: SearchBounds = { walked: 3_000, walkedApart: 600, gathered: 5_000 }

/** How much more a span should hold than is looked for, going by those before it. */
const AMPLE = 2
/** How much shorter a span becomes in which too many lie, and how much longer the next one may be than one that passed. */
const PARTS = 10
const GROWTH = 3
/** A span of so many times what was walked first is walked, too: an index of frequent words costs as much. */
const WALKABLE = 10
/** Milliseconds: what is shorter is not worth an attempt of its own. */
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
  const { newest: first, from } = await newest(search)
  if (first === null || from === null) return walk(search, {}, limit)
  const found = await walk(search, { from: from.toISOString() }, limit)
  if (found.length >= limit) return found
  return searchBefore(search, { newest: first.getTime(), from: from.getTime(), found }, limit)
}

/** What was looked through so far, in milliseconds since 1970, and what was found there. */
interface Seen<K extends RecordKind> {
  readonly newest: number
  readonly from: number
  readonly found: readonly Positioned<K>[]
}

/** What was seen, and what lies before it. */
async function searchBefore<K extends RecordKind>(
  search: Search<K>,
  seen: Seen<K>,
  limit: number,
): Promise<Positioned<K>[]> {
  const shortest = Math.max(seen.newest - seen.from, SHORTEST_MS)
  const found = [...seen.found]
  let longest = Number.POSITIVE_INFINITY
  for (let to = seen.from; found.length < limit; ) {
    const more = limit - found.length
    const length = Math.min(longest, Math.max(seen.newest - to, shortest) * (more / found.length) * AMPLE)
    const from = to - Math.max(length, shortest)
    const span = { from: isoOf(from), to: isoOf(to)! }
    const isFrequent = seen.newest - from <= shortest * WALKABLE
    const gathered = isFrequent ? await walk(search, span, more) : await gather(search, span, more)
    if (gathered === null) {
      // So many lie there that the next few records may do; if not, a shorter span will.
      const { from: next } = await newest({ ...search, filters: { ...search.filters, until: new Date(to) } })
      if (next === null) return [...found, ...(await walk(search, { to: span.to }, more))]
      found.push(...(await walk(search, { from: next.toISOString(), to: span.to }, more)))
      longest = (to - Math.max(from, await oldest(search))) / PARTS
      to = next.getTime()
      continue
    }
    found.push(...gathered)
    if (span.from === undefined) break
    longest *= GROWTH
    to = from
  }
  return found
}

/** Undefined where no record is that old. */
const isoOf = (ms: number): string | undefined => (ms > 0 ? new Date(ms).toISOString() : undefined)

/** The instants between which the newest records lie that are looked at one by one. */
async function newest({ db, kind, filters, after, bounds }: Search<RecordKind>) {
  const count = isOfRecipient(kind, filters) ? bounds.walkedApart : bounds.walked
  const { rows } = await db.query<{ newest: Date | null; from: Date | null }>(
    spanOfNewest(kind, filters, after, count),
  )
  return rows[0]!
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

async function oldest({ db, kind, filters }: Search<RecordKind>): Promise<number> {
  const { rows } = await db.query<{ oldest: Date | null }>(oldestOf(kind, filters))
  return rows[0]?.oldest?.getTime() ?? 0
}
