import { type Static, type TProperties, Type } from 'typebox'
import type { RecordKind } from '../../db/search.ts'
import { containing, type Filters } from '../../db/search-conditions.ts'
import type { DocumentState } from '../../domain/document-state.ts'
import { REQUEST_STATES, type RequestState } from '../../domain/request-state.ts'
import { searchNeedle } from '../../domain/search-text.ts'
import { STATUS_CODES, type StatusCode } from '../../domain/status-code.ts'
import { setsThatMean } from '../../receipts/own-documents.ts'
import {
  AttemptStateId,
  Code,
  DeliveryStateId,
  DocumentStateId,
  EventKind,
  Instant,
  LegalValueId,
  OperationId,
  Tier,
  UrgencyNumber,
  Uuid,
} from '../schemas/common.ts'

const words = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 200, description }))

const StatusCodeText = Type.String({ pattern: '^\\d\\d$' })
const RANKED_CODES = (Object.keys(STATUS_CODES) as StatusCode[]).filter(
  (code) => STATUS_CODES[code].rank !== undefined,
)

/** Of every kind of record. */
const COMMON = {
  since: Type.Optional(Instant),
  until: Type.Optional(Instant),
  agency: Type.Optional({ ...Code, description: 'Sender or recipient' }),
  sender: Type.Optional(Code),
  recipient: Type.Optional(Code),
  tier: Type.Optional({ ...Tier, description: 'Tier of the recipient' }),
  urgency: Type.Optional(UrgencyNumber),
  kind: Type.Optional(Type.Enum(['document', 'status'])),
  operation: Type.Optional(OperationId),
  legalValue: Type.Optional(LegalValueId),
  edxmlDocumentId: words("The sender's own DocumentId"),
  number: words('Part of number/notation, such as 123/UBND'),
  text: words(
    'Words of subject, number, sender or signer, in any order. Words typed with diacritics are found as typed, words without are found with any.',
  ),
  subject: words('Words of the subject alone, in any order; diacritics as for `text`'),
  processingStatus: Type.Optional(
    Type.Enum(RANKED_CODES, {
      description: 'How far the recipient has got: the reported code of the highest rank',
    }),
  ),
  requestState: Type.Optional(
    Type.Enum(Object.keys(REQUEST_STATES) as RequestState[], {
      description: "What became of the sender's wish to recall or update it",
    }),
  ),
  statusCode: Type.Optional({
    ...StatusCodeText,
    description: 'Any code that was reported on the delivery, such as 13, 15 or 16, whatever came after it',
  }),
} satisfies TProperties

const OF_DELIVERY = { ...COMMON, document: Type.Optional(Uuid), delivery: Type.Optional(Uuid) }
const OF_DOCUMENT = { ...COMMON, state: Type.Optional(DocumentStateId) }

/** The query fields by which each kind of record is looked for. */
export const FILTER_FIELDS = {
  documents: OF_DOCUMENT,
  receipts: OF_DOCUMENT,
  deliveries: { ...OF_DELIVERY, state: Type.Optional(DeliveryStateId) },
  attempts: { ...OF_DELIVERY, state: Type.Optional(AttemptStateId) },
  statuses: { ...OF_DELIVERY, code: Type.Optional(StatusCodeText) },
  events: {
    ...OF_DELIVERY,
    event: Type.Optional(EventKind),
    actor: words('Client or process that brought it about'),
  },
} satisfies Record<RecordKind, TProperties>

const common = Type.Object(COMMON)

/** Any of the filters, as a query gives it. */
export interface FilterQuery extends Static<typeof common> {
  readonly state?: string
  readonly code?: string
  readonly event?: string
  readonly actor?: string
  readonly document?: string
  readonly delivery?: string
}

/** A query as conditions that the database understands. */
export function toFilters(kind: RecordKind, query: FilterQuery): Filters {
  const { since, until, number, text, subject, state, ...same } = query
  const isOfDocument = kind === 'documents' || kind === 'receipts'
  return {
    ...same,
    ...(since !== undefined && { since: new Date(since) }),
    ...(until !== undefined && { until: new Date(until) }),
    ...(number !== undefined && { number: containing(searchNeedle(number)) }),
    ...(text !== undefined && { words: wordsOf(text) }),
    ...(subject !== undefined && { subject: wordsOf(subject) }),
    ...(state !== undefined &&
      // A document's state is never stored: it follows from those of its deliveries.
      (isOfDocument ? { stateSets: setsThatMean(state as DocumentState).join('|') } : { state })),
  }
}

/** A LIKE pattern for each word. */
const wordsOf = (text: string): string[] => searchNeedle(text).split(' ').map(containing)
