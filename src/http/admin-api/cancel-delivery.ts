import { Type } from 'typebox'
import { cancelDelivery as cancel } from '../../delivery/administer.ts'
import type { Operation } from '../operation.ts'
import { Line } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DeliveryDetailSchema, DeliveryParam, keyOf } from './delivery-schemas.ts'
import { deliveryDetail } from './get-delivery.ts'

const Body = Type.Object(
  { reason: Line(500, { description: 'Kept with the delivery and shown to its sender' }) },
  { additionalProperties: false },
)

export const cancelDelivery: Operation = (app, { pool }) => {
  app.post(
    '/deliveries/:id/cancel',
    {
      schema: {
        operationId: 'cancelDelivery',
        summary: 'Withdraw a delivery that was not handed over, with the reason',
        tags: ['deliveries'],
        params: DeliveryParam,
        body: Body,
        response: { 200: DeliveryDetailSchema, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params, body, caller }) => {
      await cancel(pool, caller, keyOf(params), body.reason)
      return deliveryDetail(pool, keyOf(params))
    },
  )
}
