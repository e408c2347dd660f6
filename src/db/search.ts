import { RECORD_SETS, type RecordRows } from './record-sets.ts'
import { CONDITIONS, type Filters, gathered, narrowed, type RecordKind } from './search-conditions.ts'

export type { RecordRows } from './record-sets.ts'
export type { RecordKind } from './search-conditions.ts'

export interface Statement {
  readonly text: string
  readonly values: unknown[]
}

/** Where a record stands in its list: its instant with microseconds (ISO 8601, UTC), then its id. */
export type RecordPosition = readonly [at: string, id: string]
export type Positioned<K extends RecordKind> = RecordRows[K] & { readonly position: RecordPosition }

/** From an instant on (ISO 8601), and before another; open where there is none. */
export interface Span {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** What one page is looked for by. */
export interface PageOptions {
  readonly after?: RecordPosition
  readonly limit: number
}

/** Puts values into a statement, and says where they stand. */
export type Parameter = (value: unknown) => string

export function parameters(): { readonly values: unknown[]; readonly parameter: Parameter } {
  const values: unknown[] = []
  return { values, parameter: (value) => `$${values.push(value)}` }
}

export const POSITION = (at: string, id: string): string =>
  `array[to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ${id}::text]`

export const whereAll = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`

export function filtersOf(kind: RecordKind, filters: Filters, parameter: Parameter): string[] {
  const asked = narrowed(filters)
  return Object.entries(CONDITIONS[kind]).flatMap(([name, condition]) => {
    const value = asked[name as keyof Filters]
    return value === undefined ? [] : [value].flat().map((one) => `(${condition(parameter(one), one)})`)
  })
}

export const columnsOf = (kind: RecordKind): string =>
  Object.entries(RECORD_SETS[kind].columns)
    .map(([name, sql]) => `${sql} as "${name}"`)
    .join(', ')

/** The SELECT of every record of a kind that passes the filters, the newest first: what an export reads. */
export function selectRecords(kind: RecordKind, filters: Filters): Statement {
  const { table, joined, at, id } = RECORD_SETS[kind]
  const { values, parameter } = parameters()
  const where = whereAll(filtersOf(kind, filters, parameter))
  const text = `select ${columnsOf(kind)} from ${table} ${joined} ${where} order by ${at} desc, ${id} desc`
  return { text, values }
}

/** What bounds a page in time: a span, the days that are asked for, and the record behind which it begins. */
export function timesOf(
  at: string,
  { span = {}, filters, after }: { span?: Span; filters: Filters; after: RecordPosition | undefined },
  parameter: Parameter,
): string[] {
  const bounds: [string, string | Date | undefined][] = [
    ['>=', span.from],
    ['<', span.to],
    ['>=', filters.since],
    ['<', filters.until],
    ['<=', after?.[0]],
  ]
  return bounds.flatMap(([sign, value]) =>
    value === undefined ? [] : [`${at} ${sign} ${parameter(value)}::timestamptz`],
  )
}

/** Records of documents to one recipient are walked by its own deliveries, which stand in the order of time. */
export const isOfRecipient = (kind: RecordKind, { recipient }: Filters): boolean =>
  RECORD_SETS[kind].table === 'document' && recipient !== undefined

/** Only documents to that recipient. Those that the release before wrote have no date until housekeeping comes: few. */
function ofRecipient(
  kind: RecordKind,
  times: { span: Span; filters: Filters; after: RecordPosition | undefined },
  parameter: Parameter,
): string[] {
  if (!isOfRecipient(kind, times.filters)) return []
  const own = `select document_id from delivery where recipient_code = ${parameter(times.filters.recipient)}`
  const dated = ['accepted_at is not null', ...timesOf('accepted_at', times, parameter)]
  return [`document.id in (${own} and ${dated.join(' and ')} union all ${own} and accepted_at is null)`]
}

/**
 * The first page of what lies in a span, by looking at every record of it, the newest first. Planned so whatever the
 * filters are: what is read never exceeds the span.
 */
export function walkSpan(
  kind: RecordKind,
  filters: Filters,
  span: Span,
  { after, limit }: PageOptions,
): Statement {
  const { table, joined, at, id, ofDocument } = RECORD_SETS[kind]
  const { values, parameter } = parameters()
  // `offset 0` keeps the planner from reading an index of the filters instead.
  const bounds = [
    ...timesOf(at, { span, filters, after }, parameter),
    ...ofRecipient(kind, { span, filters, after }, parameter),
  ]
  const walked = `(select * from ${table} ${whereAll(bounds)}
    order by ${at} desc offset 0) as ${table}`
  const conditions = passedBy(kind, filters, after, parameter)
  const text = `select ${columnsOf(kind)}, ${POSITION(at, id)} as position from ${walked} ${ofDocument?.oneByOne ?? joined}
    ${whereAll(conditions)} order by ${at} desc, ${id} desc limit ${parameter(limit)}`
  return { text, values }
}

/** What a record passes by: the filters, and that it stands behind the page before. */
export function passedBy(
  kind: RecordKind,
  filters: Filters,
  after: RecordPosition | undefined,
  parameter: Parameter,
): string[] {
  const conditions = filtersOf(kind, filters, parameter)
  if (after === undefined) return conditions
  const { at, id } = RECORD_SETS[kind]
  return [
    ...conditions,
    `(${at}, ${id}) < (${parameter(after[0])}::timestamptz, ${parameter(after[1])}::uuid)`,
  ]
}

/**
 * The first page of what lies in a span, by gathering all that passes the filters there, at most `most`: each row says
 * with `found` how many there were, and is worth nothing where they were more.
 */
export function gatherSpan(
  kind: RecordKind,
  filters: Filters,
  span: Span,
  { after, limit, most }: PageOptions & { readonly most: number },
): Statement {
  const { table, joined, at, id } = RECORD_SETS[kind]
  const { values, parameter } = parameters()
  const conditions = [
    ...timesOf(at, { span, filters, after }, parameter),
    ...passedBy(kind, gathered(kind, filters), after, parameter),
  ]
  // A limit in a subquery: told of a small one, the planner would hope to meet so many soon.
  const text = `with found as materialized (
      select ${at} as at, ${id} as id from ${table} ${joined} ${whereAll(conditions)}
      limit (select ${parameter(most + 1)}::bigint)),
    best as materialized (select at, id from found order by at desc, id desc limit ${parameter(limit)})
    select ${columnsOf(kind)}, ${POSITION(at, id)} as position, (select count(*)::integer from found) as found
    from best cross join ${table} ${joined} where ${id} = best.id and ${at} = best.at
    order by ${at} desc, ${id} desc`
  return { text, values }
}

/** The newest instant below a page's beginning, and that of the record `count` further down, where there is one. */
export function spanOfNewest(
  kind: RecordKind,
  filters: Filters,
  { after, to }: { readonly after: RecordPosition | undefined; readonly to: string | undefined },
  count: number,
): Statement {
  const { values, parameter } = parameters()
  const { at, table, only } = isOfRecipient(kind, filters)
    ? {
        at: 'accepted_at',
        table: 'delivery',
        only: ['accepted_at is not null', `recipient_code = ${parameter(filters.recipient)}`],
      }
    : { ...RECORD_SETS[kind], only: [] }
  const where = whereAll([...only, ...timesOf(at, { span: { to }, filters, after }, parameter)])
  const nth = (offset: number) =>
    `(select ${at} from ${table} ${where} order by ${at} desc offset ${parameter(offset)} limit 1)`
  return { text: `select ${nth(0)} as newest, ${nth(count)} as "from"`, values }
}

/** The oldest instant of a kind of record that a page may hold. */
export function oldestOf(kind: RecordKind, filters: Filters): Statement {
  const { table, at } = RECORD_SETS[kind]
  const { values, parameter } = parameters()
  const where = whereAll(timesOf(at, { filters, after: undefined }, parameter))
  return { text: `select ${at} as oldest from ${table} ${where} order by ${at} limit 1`, values }
}
