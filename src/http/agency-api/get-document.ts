import { Type } from 'typebox'
import { documentDeliveries } from '../../receipts/own-documents.ts'
import { DocumentStateId } from '../schemas/common.ts'
import { DeliveryFactsSchema, presentDelivery } from '../schemas/delivery-facts.ts'
import { DOCUMENT_FACTS, presentDocument } from '../schemas/document-facts.ts'
import { pageOf, toPage } from '../schemas/page.ts'
import { DOCUMENT_PAGE, DOCUMENT_PAGE_PROBLEMS, documentPage } from './document-page.ts'
import { type Operation, TAGS } from './operation.ts'

const SentDocumentFacts = Type.Object({
  ...DOCUMENT_FACTS,
  state: DocumentStateId,
  recipientsByState: Type.Record(Type.String(), Type.Integer()),
  deliveries: pageOf(DeliveryFactsSchema),
})

export const getDocument: Operation = (app, { context }) => {
  app.get(
    '/documents/:documentId',
    {
      schema: {
        operationId: 'getDocument',
        tags: [TAGS.documents],
        summary: 'A sent document: its facts, its signatures, and where it is; deliveries come in pages',
        description: 'Văn bản đã gửi: thông tin, chữ ký số, giá trị pháp lý, trạng thái từng nơi nhận.',
        ...DOCUMENT_PAGE,
        response: {
          200: SentDocumentFacts,
          ...DOCUMENT_PAGE_PROBLEMS,
        },
      },
    },
    async (asked) => {
      const { document, after, limit } = await documentPage(context, asked)
      const page = await documentDeliveries(context.pool, document.key, after, limit + 1)
      return {
        ...presentDocument(document),
        state: page.state,
        recipientsByState: Object.fromEntries(page.counts),
        deliveries: toPage(page.deliveries, limit, ({ recipient, key }) => [recipient, key], presentDelivery),
      }
    },
  )
}
