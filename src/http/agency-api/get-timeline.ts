import { Type } from 'typebox'
import { recipientName } from '../../domain/addressed.ts'
import { isStatusCode, STATUS_CODES } from '../../domain/status-code.ts'
import { documentTimeline, type RecipientTimeline } from '../../receipts/timeline.ts'
import { AddressedAs, presentAddressedAs } from '../schemas/addressed-as.ts'
import {
  DeliveryStateId,
  DocumentStateId,
  EventKind,
  iso,
  Nullable,
  Text,
  Timestamp,
} from '../schemas/common.ts'
import { toPage } from '../schemas/page.ts'
import { DOCUMENT_PAGE, DOCUMENT_PAGE_PROBLEMS, documentPage } from './document-page.ts'
import { type Operation, TAGS } from './operation.ts'

const Entry = Type.Object({
  at: Timestamp,
  kind: EventKind,
  label: Text,
  detail: Type.Record(Type.String(), Type.Unknown()),
})

const Status = Type.Object({
  documentId: Type.String({ description: 'The status packet that told it' }),
  code: Type.String(),
  label: Nullable(Text),
  description: Nullable(Type.String()),
  reportedAt: Nullable(Type.String({ description: 'As the reporting system wrote it, Vietnam time' })),
  receivedAt: Timestamp,
})

const Timeline = Type.Object({
  state: DocumentStateId,
  items: Type.Array(
    Type.Object({
      deliveryId: Type.String(),
      agency: Type.String(),
      name: Type.String(),
      addressedAs: AddressedAs,
      state: DeliveryStateId,
      attempts: Type.Integer(),
      entries: Type.Array(Entry),
      statuses: Type.Array(Status),
    }),
  ),
  nextCursor: Nullable(Type.String()),
})

const present = ({ delivery, attempts, entries, statuses }: RecipientTimeline) => ({
  deliveryId: delivery.key,
  agency: delivery.recipient,
  name: recipientName(delivery.recipient, delivery.route.addressed),
  ...presentAddressedAs(delivery.recipient, delivery.route.addressed),
  state: delivery.state,
  attempts,
  entries: entries.map(({ at, ...entry }) => ({ ...entry, at: iso(at) })),
  statuses: statuses.map(({ document, receivedAt, ...status }) => ({
    ...status,
    documentId: document,
    label: isStatusCode(status.code) ? STATUS_CODES[status.code].label : null,
    receivedAt: iso(receivedAt),
  })),
})

export const getTimeline: Operation = (app, { context }) => {
  app.get(
    '/documents/:documentId/timeline',
    {
      schema: {
        operationId: 'getTimeline',
        tags: [TAGS.documents],
        summary: 'What happened to a sent document, recipient by recipient',
        description: 'Nhật ký văn bản theo từng nơi nhận.',
        ...DOCUMENT_PAGE,
        response: { 200: Timeline, ...DOCUMENT_PAGE_PROBLEMS },
      },
    },
    async (asked) => {
      const { document, after, limit } = await documentPage(context, asked)
      const { state, recipients } = await documentTimeline(context.pool, document.key, after, limit + 1)
      return {
        state,
        ...toPage(recipients, limit, ({ delivery }) => [delivery.recipient, delivery.key], present),
      }
    },
  )
}
