import { Type } from 'typebox'
import { documentKey } from '../../domain/identifiers.ts'
import { deliveryReceipts } from '../../receipts/delivery-receipts.ts'
import { anyDocument } from '../../receipts/evidence.ts'
import type { Operation } from '../operation.ts'
import { DeliveryReceiptsPage, presentDeliveryReceipt } from '../schemas/delivery-receipts.ts'
import { BY_RECIPIENT, DEFAULT_LIMIT, PAGE_QUERY, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DocumentParam } from './get-document.ts'

export const getReceipts: Operation = (app, { pool, receiptKeyAt }) => {
  app.get(
    '/documents/:id/receipts',
    {
      schema: {
        operationId: 'getReceipts',
        summary: 'Get the acceptance receipt, and a signed receipt for each delivery, recipient by recipient',
        tags: ['documents'],
        params: DocumentParam,
        querystring: Type.Object(PAGE_QUERY, { additionalProperties: false }),
        response: { 200: DeliveryReceiptsPage, ...problemResponses('not-found', 'cursor-invalid') },
      },
    },
    async ({ params, query }) => {
      const after = readCursor(query.cursor, BY_RECIPIENT) ?? null
      const limit = query.limit ?? DEFAULT_LIMIT
      const { document } = await anyDocument(pool, documentKey(params.id))
      const found = await deliveryReceipts({ pool, receiptKeyAt }, document, after, limit + 1)
      return {
        receipt: document.receipt,
        ...toPage(found, limit, ({ claims }) => [claims.agency, claims.delivery], presentDeliveryReceipt),
      }
    },
  )
}
