import { Type } from 'typebox'
import type { SentDocument } from '../../db/sent-documents.ts'
import { actingAgency } from '../../directory/acting-agency.ts'
import { documentStateOf } from '../../domain/document-state.ts'
import { listSent, withPredecessors } from '../../receipts/own-documents.ts'
import {
  DocumentStateId,
  Instant,
  iso,
  LegalValueId,
  Nullable,
  OperationId,
  Timestamp,
  UrgencyNumber,
} from '../schemas/common.ts'
import { Excerpt, excerpt } from '../schemas/excerpt.ts'
import { BY_TIME, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ACTING, type Operation, PREDECESSORS, TAGS } from './operation.ts'

const Query = Type.Object(
  {
    ...ACTING,
    ...PREDECESSORS,
    ...PAGE_QUERY,
    kind: Type.Optional(Type.Enum(['document', 'status'], { description: 'document where left out' })),
    since: Type.Optional(Instant),
    edxmlDocumentId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    state: Type.Optional(DocumentStateId),
  },
  { additionalProperties: false },
)

const SentItem = Type.Object({
  documentId: Type.String(),
  sender: Type.String({ description: 'The agency itself, or a predecessor' }),
  senderName: Type.String({ description: 'On the day of acceptance' }),
  kind: Type.Enum(['document', 'status']),
  operation: Nullable(OperationId),
  statusCode: Nullable(Type.String()),
  edxmlDocumentId: Nullable(Type.String()),
  codeNumber: Excerpt,
  codeNotation: Excerpt,
  subject: Excerpt,
  urgency: UrgencyNumber,
  legalValue: LegalValueId,
  packetSha256: Type.String(),
  acceptedAt: Timestamp,
  state: DocumentStateId,
  recipients: Type.Integer({ description: 'How many' }),
})

/** Intake takes its time from the database in milliseconds. */
const microseconds = (instant: Date): string => instant.toISOString().replace('Z', '000Z')

const present = ({ key, deliveryStates, acceptedAt, ...rest }: SentDocument) => ({
  ...rest,
  codeNumber: excerpt(rest.codeNumber),
  codeNotation: excerpt(rest.codeNotation),
  subject: excerpt(rest.subject),
  documentId: key,
  acceptedAt: iso(acceptedAt),
  state: documentStateOf(deliveryStates),
})

export const listDocuments: Operation = (app, { context }) => {
  app.get(
    '/documents',
    {
      schema: {
        operationId: 'listDocuments',
        tags: [TAGS.documents],
        summary: 'What the agency sent, newest first',
        description: 'Danh sách văn bản đã gửi, mới nhất trước.',
        querystring: Query,
        response: { 200: pageOf(SentItem), ...problemResponses('cursor-invalid', 'delegation-missing') },
      },
    },
    async ({ caller, query }) => {
      const after = readCursor(query.cursor, BY_TIME) ?? null
      const limit = query.limit ?? DEFAULT_LIMIT
      const agency = await actingAgency(context, caller, query.agency)
      const filter = {
        senders: query.predecessors ? await withPredecessors(context, agency) : [agency],
        kind: query.kind ?? 'document',
        since: query.since === undefined ? null : new Date(query.since),
        edxmlDocumentId: query.edxmlDocumentId ?? null,
        state: query.state ?? null,
      }
      const found = await listSent(context.pool, filter, after, limit + 1)
      return toPage(found, limit, ({ acceptedAt, key }) => [microseconds(acceptedAt), key], present)
    },
  )
}
