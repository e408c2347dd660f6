import type { AuditEventKind } from '../domain/audit-event.ts'
import { foldDiacritics, foldLatinDiacritics } from '../domain/search-text.ts'
import { HAS_A_SAY } from './in-flight.ts'

/** What can be looked for. */
export type RecordKind = 'documents' | 'receipts' | 'deliveries' | 'attempts' | 'statuses' | 'events'

/** What records may be looked for by. Those given hold together; of a list, each one holds. */
export interface Filters {
  /** First instant, and the instant before which. */
  readonly since?: Date
  readonly until?: Date
  /** Sender or recipient. */
  readonly agency?: string
  /** The same, as `gathered` asks for it. */
  readonly fromOrTo?: string
  readonly sender?: string
  readonly recipient?: string
  readonly tier?: string
  readonly urgency?: number
  readonly kind?: string
  readonly operation?: string
  readonly legalValue?: string
  readonly edxmlDocumentId?: string
  /** LIKE pattern over `number/notation`. */
  readonly number?: string
  /** LIKE patterns over the search text. */
  readonly words?: readonly string[]
  /** LIKE patterns over the subject in lower case: with diacritics over it as it is, others over it without. */
  readonly subject?: readonly string[]
  /** What `narrowed` makes of these: all that are compared with one text, in one array, and one that an index can serve. */
  readonly subjectAsItIs?: readonly (readonly string[])[]
  readonly subjectFolded?: readonly (readonly string[])[]
  readonly subjectIndexed?: string
  /** State of the record itself: of a delivery, of an attempt. */
  readonly state?: string
  /** The sets of delivery states that a document may have: states sorted and joined by `,`, sets by `|`. */
  readonly stateSets?: string
  /** States as an array of PostgreSQL: some delivery of the document is in one of them. */
  readonly someState?: string
  readonly processingStatus?: string
  readonly requestState?: string
  /** Reported on the delivery, whatever came after it. */
  readonly statusCode?: string
  readonly code?: string
  readonly event?: string
  readonly actor?: string
  readonly document?: string
  readonly delivery?: string
}

/** A condition in SQL on a value that stands as a parameter. */
type Condition = (parameter: string, value?: unknown) => string
type Conditions = Readonly<Partial<Record<keyof Filters, Condition>>>

/** A condition on a document's deliveries. */
const someDelivery =
  (condition: Condition): Condition =>
  (p) =>
    `exists (select from delivery where delivery.document_id = document.id and ${condition(p)})`

const is =
  (column: string): Condition =>
  (p) =>
    `${column} = ${p}`

const between = (column: string): Pick<Record<keyof Filters, Condition>, 'since' | 'until'> => ({
  since: (p) => `${column} >= ${p}`,
  until: (p) => `${column} < ${p}`,
})

/**
 * The subject in lower case as `domain/search-text.ts` writes it. Decomposed first: so it is right also where the
 * database's locale knows the small letters of ASCII alone.
 */
const SMALL = `translate(lower(normalize(document.subject, nfd)), 'Đ', 'đ')`
const SUBJECT = {
  asItIs: `normalize(${SMALL}, nfc)`,
  folded: `translate(regexp_replace(${SMALL}, '[\\u0300-\\u036f]', '', 'g'), 'đ', 'd')`,
} as const

/** Whether an index of trigrams can look for a LIKE pattern `%word%`; for others it would be read whole. */
const hasTrigram = (pattern: string): boolean => [...pattern].length >= '%abc%'.length

/**
 * Patterns over the subject. Its texts are made of each document that is looked at, so each is made once (`like all`); the
 * index takes one pattern, the longest, for it makes the text again for every pattern that it is asked for.
 */
function ofSubject(patterns: readonly string[]): Filters {
  const isFolded = (pattern: string) => foldLatinDiacritics(pattern) === pattern
  const [folded, asItIs] = [patterns.filter(isFolded), patterns.filter((one) => !isFolded(one))]
  const longest = patterns.map(foldLatinDiacritics).sort((one, other) => other.length - one.length)[0]
  return {
    ...(asItIs.length > 0 && { subjectAsItIs: [asItIs] }),
    ...(folded.length > 0 && { subjectFolded: [folded] }),
    ...(longest !== undefined && hasTrigram(longest) && { subjectIndexed: longest }),
  }
}

/** Events that every document has: they are found by looking at the newest, and are not indexed by their kind. */
const OF_EVERY_DOCUMENT = [
  'submission-accepted',
  'delivery-available',
  'delivery-handed-over',
  'delivery-acknowledged',
] as const satisfies readonly AuditEventKind[]

function eventKind(parameter: string, kind: unknown): string {
  const isCommon = OF_EVERY_DOCUMENT.some((one) => one === kind)
  const listed = OF_EVERY_DOCUMENT.map((one) => `'${one}'`).join(', ')
  return `audit_event.kind = ${parameter}${isCommon ? '' : ` and audit_event.kind not in (${listed})`}`
}

/** States of deliveries that are soon left, or that few come into. */
const RARE_STATES = [['failed'], ['withdrawn'], ['failed', 'withdrawn'], ['waiting', 'available']] as const

/** Rare states of which one is in each of the sets. */
function rareStatesIn(stateSets: string): readonly string[] | undefined {
  const sets = stateSets.split('|').map((set) => set.split(','))
  return RARE_STATES.find((rare) => sets.every((set) => rare.some((state) => set.includes(state))))
}

/**
 * Filters with what follows from them, which indexes narrow down. The search text holds what subject and number hold. Each
 * text has its words without diacritics, too, whose letters make trigrams whatever the locale of the database is: in some,
 * others than those of ASCII make none. Each is folded as what it is compared with.
 */
export function narrowed({ subject = [], ...filters }: Filters): Filters {
  const { words = [], number, stateSets } = filters
  const patterns = [...words, ...subject, ...(number === undefined ? [] : [number])]
  const folded = patterns.map(foldDiacritics).filter(hasTrigram)
  const rare = stateSets === undefined ? undefined : rareStatesIn(stateSets)
  return {
    ...filters,
    ...(patterns.length > 0 && { words: [...new Set([...patterns, ...folded])] }),
    ...ofSubject(subject),
    ...(rare && { someState: `{${rare.join(',')}}` }),
  }
}

/** Of every record that belongs to a document. */
const OF_DOCUMENT = {
  sender: is('document.sender_code'),
  urgency: is('document.urgency'),
  kind: is('document.kind'),
  operation: is('document.operation'),
  legalValue: is('document.legal_value'),
  edxmlDocumentId: is('document.edxml_document_id'),
  number: (p) => `lower(concat(document.code_number, '/', document.code_notation)) like ${p}`,
  // One condition a word: an index of trigrams serves LIKE, but not LIKE ALL.
  words: (p) => `document.search_text like ${p}`,
  subjectAsItIs: (p) => `${SUBJECT.asItIs} like all (${p}::text[])`,
  subjectFolded: (p) => `${SUBJECT.folded} like all (${p}::text[])`,
  subjectIndexed: (p) => `${SUBJECT.folded} like ${p}`,
  document: is('document.id'),
} satisfies Conditions

/** What is asked of a delivery. */
const DELIVERY = {
  recipient: is('delivery.recipient_code'),
  tier: is('delivery.tier'),
  processingStatus: is('delivery.processing_status'),
  requestState: is('delivery.request_state'),
  statusCode: (p) =>
    `exists (select from status_report as told where told.delivery_id = delivery.id and told.code = ${p})`,
} satisfies Conditions

type DeliveryConditions = Readonly<Record<keyof typeof DELIVERY, Condition>>

const ofDelivery = (change: (condition: Condition) => Condition): DeliveryConditions => ({
  recipient: change(DELIVERY.recipient),
  tier: change(DELIVERY.tier),
  processingStatus: change(DELIVERY.processingStatus),
  requestState: change(DELIVERY.requestState),
  statusCode: change(DELIVERY.statusCode),
})

/** Of every record that belongs to a delivery. */
const OF_DELIVERY = {
  ...OF_DOCUMENT,
  ...DELIVERY,
  agency: (p) => `document.sender_code = ${p} or ${DELIVERY.recipient(p)}`,
  delivery: is('delivery.id'),
} satisfies Conditions

const OF_SOME_DELIVERY = ofDelivery(someDelivery)

const DOCUMENTS = {
  ...OF_DOCUMENT,
  ...OF_SOME_DELIVERY,
  ...between('document.accepted_at'),
  agency: (p) => `document.sender_code = ${p} or ${OF_SOME_DELIVERY.recipient(p)}`,
  fromOrTo: (p) => `document.id in (select own.id from document as own where own.sender_code = ${p}
    union all select document_id from delivery where recipient_code = ${p})`,
  someState: (p) => `document.id in (select document_id from delivery where state = any (${p}::text[]))`,
  stateSets: (p) => `coalesce((select string_agg(distinct state, ',' order by state) from delivery
    where delivery.document_id = document.id and ${HAS_A_SAY}), '') = any (string_to_array(${p}, '|'))`,
} satisfies Conditions

/** Of an event's own delivery; one that speaks of a whole document speaks of each of its deliveries. */
const OF_EVENT_DELIVERY = ofDelivery(
  (condition) => (p) =>
    `${condition(p)} or (audit_event.delivery_id is null and ${someDelivery(condition)(p)})`,
)

/** The conditions that each kind of record knows. A filter that a kind does not know cannot be asked of it. */
export const CONDITIONS: Readonly<Record<RecordKind, Conditions>> = {
  documents: DOCUMENTS,
  receipts: DOCUMENTS,
  deliveries: { ...OF_DELIVERY, ...between('document.accepted_at'), state: is('delivery.state') },
  attempts: { ...OF_DELIVERY, ...between('attempt.started_at'), state: is('attempt.state') },
  statuses: { ...OF_DELIVERY, ...between('status_report.received_at'), code: is('status_report.code') },
  events: {
    ...OF_DELIVERY,
    ...OF_EVENT_DELIVERY,
    ...between('audit_event.at'),
    event: eventKind,
    actor: is('audit_event.actor'),
    agency: (p) =>
      `audit_event.agency_code = ${p} or document.sender_code = ${p} or ${OF_EVENT_DELIVERY.recipient(p)}`,
    document: is('audit_event.document_id'),
    delivery: is('audit_event.delivery_id'),
  },
}

/**
 * The same filters for whoever finds records by indexes, instead of looking at one after the other: of two conditions of
 * which one holds, each has an index of its own.
 */
export function gathered(kind: RecordKind, { agency, ...others }: Filters): Filters {
  if (agency === undefined) return others
  return CONDITIONS[kind].fromOrTo === undefined ? { agency, ...others } : { fromOrTo: agency, ...others }
}

/**
 * What the document of a record must be like for the record to pass, as a filter on documents: what is asked of its own
 * delivery, some delivery of the document has; an event of a delivery names its document, too. Only an event's own agency
 * is nothing of its document's: whoever asks by `agency` looks at such events besides.
 */
export function onItsDocument(filters: Filters): Filters {
  const { since, until, ...others } = filters
  const known = Object.entries(others).filter(([name]) => name === 'subject' || name in DOCUMENTS)
  return Object.fromEntries(known)
}

/** A LIKE pattern that means any text which holds this one. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`
