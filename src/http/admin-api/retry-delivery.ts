import { retryDelivery as retry } from '../../delivery/administer.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DeliveryDetailSchema, DeliveryParam, keyOf } from './delivery-schemas.ts'
import { deliveryDetail } from './get-delivery.ts'

export const retryDelivery: Operation = (app, { pool, wakeRelay }) => {
  app.post(
    '/deliveries/:id/retry',
    {
      schema: {
        operationId: 'retryDelivery',
        summary: 'Let a failed delivery begin anew, with all of its attempts before it',
        tags: ['deliveries'],
        params: DeliveryParam,
        response: { 200: DeliveryDetailSchema, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params, caller }) => {
      await retry(pool, caller, keyOf(params))
      wakeRelay()
      return deliveryDetail(pool, keyOf(params))
    },
  )
}
