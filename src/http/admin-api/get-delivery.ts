import { findAdminDelivery } from '../../db/admin-deliveries.ts'
import { listAttempts } from '../../db/attempts.ts'
import type { Pool } from '../../db/pool.ts'
import type { DeliveryKey } from '../../domain/identifiers.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DeliveryDetailSchema, DeliveryParam, keyOf, presentDetail } from './delivery-schemas.ts'

export const getDelivery: Operation = (app, { pool }) => {
  app.get(
    '/deliveries/:id',
    {
      schema: {
        operationId: 'getDelivery',
        summary: 'Get a delivery with its attempts and the explanation of its route',
        tags: ['deliveries'],
        params: DeliveryParam,
        response: { 200: DeliveryDetailSchema, ...problemResponses('not-found') },
      },
    },
    async ({ params }) => deliveryDetail(pool, keyOf(params)),
  )
}

/** @throws GatewayError `not-found` */
export async function deliveryDetail(pool: Pool, key: DeliveryKey) {
  const delivery = await findAdminDelivery(pool, key)
  if (delivery === undefined) throw new GatewayError('not-found')
  return presentDetail(delivery, await listAttempts(pool, key))
}
