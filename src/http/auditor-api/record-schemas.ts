import { type TObject, Type } from 'typebox'
import type { RecordKind, RecordRows } from '../../db/search.ts'
import { documentStateOf } from '../../domain/document-state.ts'
import {
  AttemptStateId,
  ChannelIdSchema,
  DateTime,
  DeliveryStateId,
  DocumentStateId,
  EventKind,
  LegalValueId,
  Nullable,
  NullableDateTime,
  OperationId,
} from '../schemas/common.ts'
import { DeliveryExplanationSchema } from '../schemas/route-explanation.ts'

const id = Type.String()
const words = Nullable(Type.String())
const anything = Type.Unknown()

/** What is told of each kind of record; also the columns of its exports, in this order. */
export const RECORD_SCHEMAS = {
  documents: Type.Object({
    id,
    acceptedAt: DateTime,
    kind: Type.Enum(['document', 'status']),
    operation: Nullable(OperationId),
    state: DocumentStateId,
    sender: id,
    recipients: Type.Integer(),
    edxmlDocumentId: words,
    codeNumber: words,
    codeNotation: words,
    subject: words,
    documentType: words,
    promulgationDate: words,
    urgency: Type.Integer(),
    statusCode: words,
    legalValue: LegalValueId,
    packetSha256: id,
    packetLength: Type.Integer(),
    clientId: id,
  }),
  deliveries: Type.Object({
    id,
    acceptedAt: DateTime,
    document: id,
    sender: id,
    recipient: id,
    tier: id,
    urgency: Type.Integer(),
    channel: ChannelIdSchema,
    state: DeliveryStateId,
    stateSince: DateTime,
    attempts: Type.Integer(),
    nextAttemptAt: NullableDateTime,
    inboxNumber: Nullable(Type.Integer()),
    handedOverAt: NullableDateTime,
    acknowledgedAt: NullableDateTime,
    processingStatus: words,
    requestState: words,
    reason: anything,
    route: Type.Unsafe<unknown>(DeliveryExplanationSchema),
  }),
  attempts: Type.Object({
    delivery: id,
    epoch: Type.Integer(),
    document: id,
    sender: id,
    recipient: id,
    channel: ChannelIdSchema,
    worker: id,
    state: AttemptStateId,
    startedAt: DateTime,
    finishedAt: NullableDateTime,
    detail: anything,
  }),
  statuses: Type.Object({
    id,
    receivedAt: DateTime,
    delivery: id,
    document: id,
    sender: id,
    recipient: id,
    code: id,
    description: words,
    staff: anything,
    reportedAt: words,
    packet: Type.String({ description: 'The status packet that told it' }),
  }),
  events: Type.Object({
    id,
    at: DateTime,
    kind: EventKind,
    actor: id,
    agency: words,
    document: words,
    delivery: words,
    detail: anything,
  }),
  receipts: Type.Object({
    document: id,
    acceptedAt: DateTime,
    sender: id,
    edxmlDocumentId: words,
    packetSha256: id,
    receipt: Type.String({ description: 'The sealed receipt, a compact JWS' }),
  }),
} satisfies Record<RecordKind, TObject>

type Present = { readonly [K in RecordKind]: (row: RecordRows[K]) => Readonly<Record<string, unknown>> }

const asItIs = (row: object): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(row))

const PRESENT: Present = {
  documents: ({ states, ...row }) => ({ ...row, state: documentStateOf(states) }),
  deliveries: asItIs,
  attempts: asItIs,
  statuses: asItIs,
  events: asItIs,
  receipts: asItIs,
}

/** A record as it is told: with exactly the columns of its schema. */
export function presentRecord<K extends RecordKind>(kind: K, row: RecordRows[K]): Record<string, unknown> {
  const shown = PRESENT[kind](row)
  return Object.fromEntries(columnsOf(kind).map((column) => [column, shown[column]]))
}

export const columnsOf = (kind: RecordKind): string[] => Object.keys(RECORD_SCHEMAS[kind].properties)

export const RECORD_KINDS = Object.keys(RECORD_SCHEMAS) as RecordKind[]

/** `searchDocuments`, `exportEvents`, ... */
export const operationIdOf = (verb: 'search' | 'export', kind: RecordKind): string =>
  `${verb}${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
