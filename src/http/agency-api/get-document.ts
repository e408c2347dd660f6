import { Type } from 'typebox'
import { actingAgency } from '../../directory/acting-agency.ts'
import { documentKey } from '../../domain/identifiers.ts'
import { documentDeliveries, sentDocument } from '../../receipts/own-documents.ts'
import { DocumentStateId } from '../schemas/common.ts'
import { DeliveryFactsSchema, presentDelivery } from '../schemas/delivery-facts.ts'
import { DOCUMENT_FACTS, presentDocument } from '../schemas/document-facts.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ACTING, DocumentParams, type Operation, TAGS } from './operation.ts'

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
        params: DocumentParams,
        querystring: Type.Object({ ...ACTING, ...PAGE_QUERY }, { additionalProperties: false }),
        response: {
          200: SentDocumentFacts,
          ...problemResponses('not-found', 'cursor-invalid', 'delegation-missing'),
        },
      },
    },
    async ({ caller, params, query }) => {
      const [after] = readCursor(query.cursor, BY_KEY) ?? ['']
      const limit = query.limit ?? DEFAULT_LIMIT
      const agency = await actingAgency(context, caller, query.agency)
      const document = await sentDocument(context, agency, documentKey(params.documentId))
      const page = await documentDeliveries(context.pool, document.key, after, limit + 1)
      return {
        ...presentDocument(document),
        state: page.state,
        recipientsByState: Object.fromEntries(page.counts),
        deliveries: toPage(page.deliveries, limit, ({ recipient }) => [recipient], presentDelivery),
      }
    },
  )
}
