import { Type } from 'typebox'
import { listReceivedDocuments, type ReceivedItem } from '../../db/received-documents.ts'
import { actingAgency } from '../../directory/acting-agency.ts'
import { recipientName } from '../../domain/addressed.ts'
import { deliveryKey } from '../../domain/identifiers.ts'
import { withPredecessors } from '../../receipts/own-documents.ts'
import { Instant, isoOrNull, Nullable, Timestamp } from '../schemas/common.ts'
import { ProcessingStatus } from '../schemas/delivery-facts.ts'
import { BY_UUID, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { InboxItemSchema, presentItem } from './inbox-item.ts'
import { ACTING, type Operation, PREDECESSORS, TAGS } from './operation.ts'

const Query = Type.Object(
  {
    ...ACTING,
    ...PREDECESSORS,
    ...PAGE_QUERY,
    kind: Type.Optional(Type.Enum(['document', 'status'], { description: 'document where left out' })),
    since: Type.Optional(Instant),
  },
  { additionalProperties: false },
)

const ReceivedItemSchema = Type.Object({
  ...InboxItemSchema.properties,
  recipient: Type.String({ description: 'The agency in whose inbox it lies: this one, or a predecessor' }),
  recipientName: Type.String(),
  handedOverAt: Nullable(Timestamp),
  acknowledgedAt: Nullable(Timestamp),
  processingStatus: ProcessingStatus,
})

const present = ({ handedOverAt, acknowledgedAt, processingStatus, ...item }: ReceivedItem) => ({
  ...presentItem(item),
  recipient: item.recipient,
  recipientName: recipientName(item.recipient, item.addressed),
  handedOverAt: isoOrNull(handedOverAt),
  acknowledgedAt: isoOrNull(acknowledgedAt),
  processingStatus,
})

export const listReceived: Operation = (app, { context }) => {
  app.get(
    '/received',
    {
      schema: {
        operationId: 'listReceived',
        tags: [TAGS.inbox],
        summary: 'What the agency was sent, newest first, also what it acknowledged long ago',
        description: 'Danh sách văn bản đã đến, mới nhất trước, kể cả mục đã xác nhận.',
        querystring: Query,
        response: {
          200: pageOf(ReceivedItemSchema),
          ...problemResponses('cursor-invalid', 'delegation-missing'),
        },
      },
    },
    async ({ caller, query }) => {
      const [after] = readCursor(query.cursor, BY_UUID) ?? []
      const limit = query.limit ?? DEFAULT_LIMIT
      const agency = await actingAgency(context, caller, query.agency)
      const filter = {
        recipients: query.predecessors ? await withPredecessors(context, agency) : [agency],
        kind: query.kind ?? 'document',
        since: query.since === undefined ? null : new Date(query.since),
      }
      const position = after === undefined ? null : deliveryKey(after)
      const found = await listReceivedDocuments(context.pool, filter, position, limit + 1)
      return toPage(found, limit, ({ delivery }) => [delivery], present)
    },
  )
}
