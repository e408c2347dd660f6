import { RECORD_SETS } from './record-sets.ts'
import {
  columnsOf,
  filtersOf,
  type PageOptions,
  POSITION,
  parameters,
  passedBy,
  type Span,
  type Statement,
  timesOf,
  whereAll,
} from './search.ts'
import { type Filters, gathered, onItsDocument, type RecordKind } from './search-conditions.ts'

/*
 * Attempts, statuses and events that are looked for by what their documents are like. Words stand with documents, and the
 * order in time with the records, so that no index holds both: documents are looked for first, and each but once.
 */

/** Whether records of this kind belong to documents, and are asked for by what these are like. */
export const isByDocument = (kind: RecordKind, filters: Filters): boolean =>
  RECORD_SETS[kind].ofDocument !== undefined && Object.keys(onItsDocument(filters)).length > 0

/** How many records of one document lie near each other in time, where these are several. */
export const togetherOf = (kind: RecordKind): number | undefined => RECORD_SETS[kind].ofDocument?.together

/** Ids of documents of which records may pass, in no order. */
export function documentsOf(filters: Filters, most: number): Statement {
  const { values, parameter } = parameters()
  const where = whereAll(filtersOf('documents', gathered('documents', onItsDocument(filters)), parameter))
  // A limit in a subquery: told of a small one, the planner would hope to meet so many soon.
  const text = `select document.id from document ${where} limit (select ${parameter(most)}::bigint)`
  return { text, values }
}

/** How many documents were sent to a recipient, counted up to so many. */
export const countTo = (recipient: string, most: number): Statement => ({
  text: `select count(*)::integer as count
    from (select from delivery where recipient_code = $1 limit (select $2::bigint)) as theirs`,
  values: [recipient, most],
})

/** Like `documentsOf`, by looking at each document to one recipient. */
export function documentsTo(recipient: string, filters: Filters, most: number): Statement {
  const { values, parameter } = parameters()
  const theirs = `select distinct document_id from delivery where recipient_code = ${parameter(recipient)}`
  const where = whereAll(filtersOf('documents', onItsDocument(filters), parameter))
  const text = `select document.id from (${theirs} offset 0) as one
    cross join lateral (select * from document where document.id = one.document_id offset 0) as document
    ${where} limit ${parameter(most)}`
  return { text, values }
}

/** Ids of records that pass by their own agency, whatever their documents are; null where no record has one. */
export function ofAgency(kind: RecordKind, { agency }: Filters, most: number): Statement | null {
  const { ofDocument, table, id } = RECORD_SETS[kind]
  if (ofDocument?.agency === undefined || agency === undefined) return null
  const text = `select ${id} as id from ${table} where ${ofDocument.agency} = $1 limit (select $2::bigint)`
  return { text, values: [agency, most] }
}

interface Found {
  readonly documents: readonly string[]
  /** Records that are looked at besides. */
  readonly records: readonly string[]
}

/** All records of these documents. `offset 0` keeps the planner from reading all records beside them. */
function recordsOf(kind: RecordKind, columns: string, ids: string): string {
  const { table, ofDocument } = RECORD_SETS[kind]
  const { from, where } = ofDocument!
  return `select ${table}.* from unnest(${ids}::uuid[]) as its(id)
    cross join lateral (select ${columns} from ${from} where ${where} offset 0) as ${table}`
}

/** How many records these documents have, counted up to so many. */
export const countOf = (kind: RecordKind, documents: readonly string[], most: number): Statement => ({
  text: `select count(*)::integer as count
    from (${recordsOf(kind, '1 as one', '$1')} limit (select $2::bigint)) as held`,
  values: [documents, most],
})

/** The first page of what passes among the records of these documents, and among these records. */
export function gatherOf(
  kind: RecordKind,
  filters: Filters,
  span: Span,
  { after, limit, documents, records }: PageOptions & Found,
): Statement {
  const { table, joined, at, id, ofDocument } = RECORD_SETS[kind]
  const { values, parameter } = parameters()
  const { document, oneByOne } = ofDocument!
  const ids = parameter(documents)
  const theirs = recordsOf(kind, `${table}.*`, ids)
  const others =
    () => `union all select ${table}.* from ${table} where ${id} = any (${parameter(records)}::uuid[])
    and (${document} is null or ${document} <> all (${ids}::uuid[]))`
  const conditions = [
    ...timesOf(at, { span, filters, after }, parameter),
    ...passedBy(kind, filters, after, parameter),
  ]
  const text = `select ${columnsOf(kind)}, ${POSITION(at, id)} as position
    from (${theirs} ${records.length > 0 ? others() : ''}) as ${table} ${oneByOne ?? joined}
    ${whereAll(conditions)} order by ${at} desc, ${id} desc limit ${parameter(limit)}`
  return { text, values }
}

/** Like `walkSpan`, but each document is looked at once, however many of its records lie in the span. */
export function walkOf(
  kind: RecordKind,
  filters: Filters,
  span: Span,
  { after, limit }: PageOptions,
): Statement {
  const { table, joined, at, id, ofDocument } = RECORD_SETS[kind]
  const { values, parameter } = parameters()
  const { document, agency } = ofDocument!
  const bounds = whereAll(timesOf(at, { span, filters, after }, parameter))
  const passing = whereAll(filtersOf('documents', onItsDocument(filters), parameter))
  const isOwn =
    agency === undefined || filters.agency === undefined ? '' : ` or agency = ${parameter(filters.agency)}`
  const conditions = passedBy(kind, filters, after, parameter)
  const text = `with walked as materialized (
      select ${table}.ctid as place, ${at} as at, ${id} as id, ${document} as document, ${agency ?? 'null'} as agency
      from ${table} ${bounds}),
    its as materialized (select document.id from (select distinct document as id from walked) as one
      cross join lateral (select * from document where document.id = one.id offset 0) as document ${passing})
    select ${columnsOf(kind)}, ${POSITION(at, id)} as position
    from (select * from walked where document in (select its.id from its)${isOwn}
      order by at desc, id desc offset 0) as walked
    cross join lateral (select * from ${table} where ${table}.ctid = walked.place offset 0) as ${table} ${joined}
    ${whereAll(conditions)} order by walked.at desc, walked.id desc limit ${parameter(limit)}`
  return { text, values }
}
