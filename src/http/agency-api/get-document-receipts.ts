import { deliveryReceipts } from '../../receipts/delivery-receipts.ts'
import { DeliveryReceiptsPage, presentDeliveryReceipt } from '../schemas/delivery-receipts.ts'
import { toPage } from '../schemas/page.ts'
import { DOCUMENT_PAGE, DOCUMENT_PAGE_PROBLEMS, documentPage } from './document-page.ts'
import { type Operation, TAGS } from './operation.ts'

export const getDocumentReceipts: Operation = (app, { context }) => {
  app.get(
    '/documents/:documentId/receipts',
    {
      schema: {
        operationId: 'getDocumentReceipts',
        tags: [TAGS.documents],
        summary: 'The acceptance receipt, and a signed receipt for each delivery, recipient by recipient',
        description: 'Biên nhận tiếp nhận và biên nhận chuyển của từng nơi nhận, nêu cả tên cũ và tên mới.',
        ...DOCUMENT_PAGE,
        response: {
          200: DeliveryReceiptsPage,
          ...DOCUMENT_PAGE_PROBLEMS,
        },
      },
    },
    async (asked) => {
      const { document, after, limit } = await documentPage(context, asked)
      const found = await deliveryReceipts(context, document, after, limit + 1)
      return {
        receipt: document.receipt,
        ...toPage(found, limit, ({ claims }) => [claims.agency, claims.delivery], presentDeliveryReceipt),
      }
    },
  )
}
