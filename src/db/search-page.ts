import type { Queryable } from './pool.ts'
import {
  gatherSpan,
  isOfRecipient,
  oldestOf,
  type PageOptions,
  type Positioned,
  type RecordKind,
  type Span,
  type Statement,
  spanOfNewest,
  walkSpan,
} from './search.ts'
import type { Filters } from './search-conditions.ts'
import {
  countOf,
  countTo,
  documentsOf,
  documentsTo,
  gatherOf,
  isByDocument,
  ofAgency,
  togetherOf,
  walkOf,
} from './search-of-documents.ts'

/*
 * How many records pass the filters, and how old they are, cannot be known before they are looked for: a plan that is
 * right for one word is a thousand times too slow for another. So it is found out in steps of bounded work: the newest are
 * looked at one by one, which suffices for what is frequent; what is rare is gathered by the indexes, from spans of time
 * that grow; and where too many turn out to lie in a span, more of the newest are looked at, and it is divided.
 */

/** How much is done in one step. */
export interface SearchBounds {
  /** Records that are looked at one by one; of those to one recipient, whose documents lie apart, a part of them. */
  readonly walked: number
  readonly walkedApart: number
  /** How many times as many of the next, where too many pass to be gathered. */
  readonly further: number
  /** Records that are gathered from one span. */
  readonly gathered: number
  /** Documents of which the records are gathered. */
  readonly documents: number
  /** Records that these may have: a circular has as many as many others. */
  readonly held: number
  /** Documents to one recipient that are looked at one by one, for those of which the records are gathered. */
  readonly theirs: number
}

const BOUNDS: SearchBounds = {
  walked: 3_000,
  walkedApart: 600,
  further: 10,
  gathered: 5_000,
  documents: 3_000,
  held: 30_000,
  theirs: 20_000,
}

/** Where so many times what was found suffices, more is looked at. */
const FEW_TIMES = 4

/** How much more a span should hold than is looked for, going by those before it. */
const AMPLE = 2
/** How much shorter a span becomes in which too many lie, and how much longer the next one may be than one that passed. */
const PARTS = 10
const GROWTH = 3
/** A span that holds so many times what was walked first is walked, too: an index of frequent words costs as much. */
const WALKABLE = 10
/** Milliseconds: what is shorter is not worth an attempt of its own. */
const SHORTEST_MS = 1_000

/** Filters that few records pass, whatever else is asked. */
const POINTED = ['document', 'delivery', 'edxmlDocumentId'] as const satisfies readonly (keyof Filters)[]

/** Filters by words. */
const TEXTS = ['words', 'subject', 'number'] as const satisfies readonly (keyof Filters)[]

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
  const seen = { newest: first.getTime(), from: from.getTime(), found }
  const further = isCostly(kind, filters) ? await walkFurther(search, seen, limit) : seen
  if ('all' in further) return [...further.all]
  return isByDocument(kind, filters)
    ? searchByDocument(search, further, limit)
    : searchBefore(search, further, limit)
}

/** Whether it costs as much to gather as to look at many: words are in many documents, and most records not in theirs. */
const isCostly = (kind: RecordKind, filters: Filters): boolean =>
  !isOfRecipient(kind, filters) &&
  (TEXTS.some((name) => filters[name] !== undefined) || isByDocument(kind, filters))

/** What was looked through so far, in milliseconds since 1970, and what was found there. */
interface Seen<K extends RecordKind> {
  readonly newest: number
  readonly from: number
  readonly found: readonly Positioned<K>[]
}

/** What was seen, and what lies before it: of few documents all, of others what the time holds. */
async function searchByDocument<K extends RecordKind>(
  search: Search<K>,
  seen: Seen<K>,
  limit: number,
): Promise<Positioned<K>[]> {
  const few = await gatherByDocument(search, { to: isoOf(seen.from) }, limit - seen.found.length)
  return few === null ? searchBefore(search, seen, limit) : [...seen.found, ...few]
}

/** Looks at many more of the next, and at more again while as many as were found there would do. */
async function walkFurther<K extends RecordKind>(
  search: Search<K>,
  seen: Seen<K>,
  limit: number,
): Promise<Seen<K> | { readonly all: readonly Positioned<K>[] }> {
  const { kind, bounds } = search
  const to = isoOf(seen.from)
  const { from } = await newest(search, { to, times: bounds.further * (togetherOf(kind) ?? 1) })
  const walked = await walk(search, { from: from?.toISOString(), to }, limit - seen.found.length)
  const found = [...seen.found, ...walked]
  if (found.length >= limit || from === null) return { all: found }
  const further = { ...seen, from: from.getTime(), found }
  return walked.length * FEW_TIMES >= limit ? walkFurther(search, further, limit) : further
}

/** Null where there are too many. */
async function gatherByDocument<K extends RecordKind>(
  { db, kind, filters, after, bounds }: Search<K>,
  span: Span,
  limit: number,
): Promise<Positioned<K>[] | null> {
  const ids = async (statement: Statement | null, most: number): Promise<string[] | null> => {
    if (statement === null) return []
    const { rows } = await db.query<{ id: string }>(statement)
    return rows.length > most ? null : rows.map(({ id }) => id)
  }
  const records = await ids(ofAgency(kind, filters, bounds.gathered + 1), bounds.gathered)
  if (records === null) return null
  const documents = await ids(await whichDocuments(db, filters, bounds), bounds.documents)
  if (documents === null || (await count(db, countOf(kind, documents, bounds.held + 1))) > bounds.held)
    return null
  const found = { ...(after && { after }), limit, documents, records }
  return (await db.query<Positioned<K>>(gatherOf(kind, filters, span, found))).rows
}

/** Whoever took few documents is soon asked for each of them; words and other filters may find many more. */
async function whichDocuments(db: Queryable, filters: Filters, bounds: SearchBounds): Promise<Statement> {
  const { recipient } = filters
  const most = bounds.documents + 1
  if (recipient === undefined) return documentsOf(filters, most)
  const theirs = await count(db, countTo(recipient, bounds.theirs + 1))
  return theirs > bounds.theirs ? documentsOf(filters, most) : documentsTo(recipient, filters, most)
}

async function count(db: Queryable, statement: Statement): Promise<number> {
  const { rows } = await db.query<{ count: number }>(statement)
  return rows[0]!.count
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
    const isFrequent = seen.newest - from <= shortest * WALKABLE && (await isWalkable(search, span))
    const gathered = isFrequent ? await walk(search, span, more) : await gather(search, span, more)
    if (gathered === null) {
      // So many lie there that the next records may do; if not, a shorter span will.
      const { from: next } = await newest(search, { to: isoOf(to), times: search.bounds.further })
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

/** Whether no more lies in a span than may be walked: times before may have been busier than the last. */
async function isWalkable(search: Search<RecordKind>, { from, to }: Span): Promise<boolean> {
  const { from: end } = await newest(search, { to, times: WALKABLE })
  return end === null || (from !== undefined && end.getTime() <= Date.parse(from))
}

/** Undefined where no record is that old. */
const isoOf = (ms: number): string | undefined => (ms > 0 ? new Date(ms).toISOString() : undefined)

/** The instants between which the newest records lie that are looked at one by one. */
async function newest(
  { db, kind, filters, after, bounds }: Search<RecordKind>,
  { to, times = 1 }: { readonly to?: string | undefined; readonly times?: number } = {},
) {
  const further = (isOfRecipient(kind, filters) ? bounds.walkedApart : bounds.walked) * times
  const { rows } = await db.query<{ newest: Date | null; from: Date | null }>(
    spanOfNewest(kind, filters, { after, to }, further),
  )
  return rows[0]!
}

async function walk<K extends RecordKind>(
  { db, kind, filters, after }: Search<K>,
  span: Span,
  limit: number,
): Promise<Positioned<K>[]> {
  const page = { ...(after && { after }), limit }
  const isTogether = togetherOf(kind) !== undefined && isByDocument(kind, filters)
  const statement = (isTogether ? walkOf : walkSpan)(kind, filters, span, page)
  return (await db.query<Positioned<K>>(statement)).rows
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
