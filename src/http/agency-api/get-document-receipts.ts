import { Type } from 'typebox'
import { actingAgency } from '../../directory/acting-agency.ts'
import { documentKey } from '../../domain/identifiers.ts'
import { deliveryReceipts } from '../../receipts/delivery-receipts.ts'
import { sentDocument } from '../../receipts/own-documents.ts'
import { DeliveryReceiptsPage, presentDeliveryReceipt } from '../schemas/delivery-receipts.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ACTING, DocumentParams, type Operation, TAGS } from './operation.ts'

export const getDocumentReceipts: Operation = (app, { context }) => {
  app.get(
    '/documents/:documentId/receipts',
    {
      schema: {
        operationId: 'getDocumentReceipts',
        tags: [TAGS.documents],
        summary: 'The acceptance receipt, and a signed receipt for each delivery, recipient by recipient',
        description: 'Biên nhận tiếp nhận và biên nhận chuyển của từng nơi nhận, nêu cả tên cũ và tên mới.',
        params: DocumentParams,
        querystring: Type.Object({ ...ACTING, ...PAGE_QUERY }, { additionalProperties: false }),
        response: {
          200: DeliveryReceiptsPage,
          ...problemResponses('not-found', 'cursor-invalid', 'delegation-missing'),
        },
      },
    },
    async ({ caller, params, query }) => {
      const [after] = readCursor(query.cursor, BY_KEY) ?? ['']
      const limit = query.limit ?? DEFAULT_LIMIT
      const agency = await actingAgency(context, caller, query.agency)
      const document = await sentDocument(context, agency, documentKey(params.documentId))
      const found = await deliveryReceipts(context, document, after, limit + 1)
      return {
        receipt: document.receipt,
        ...toPage(found, limit, ({ claims }) => [claims.agency], presentDeliveryReceipt),
      }
    },
  )
}
