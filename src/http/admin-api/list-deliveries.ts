import { Type } from 'typebox'
import { searchAdminDeliveries } from '../../db/admin-deliveries.ts'
import type { Operation } from '../operation.ts'
import { Code, DeliveryStateId, Tier, Uuid } from '../schemas/common.ts'
import { BY_UUID, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DeliverySchema, presentDelivery } from './delivery-schemas.ts'

const Query = Type.Object(
  {
    ...PAGE_QUERY,
    state: Type.Optional(DeliveryStateId),
    tier: Type.Optional(Tier),
    recipient: Type.Optional(Code),
    sender: Type.Optional(Code),
    document: Type.Optional(Uuid),
    olderThanSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000_000,
        description: 'In its state for at least this long',
      }),
    ),
  },
  { additionalProperties: false },
)

export const listDeliveries: Operation = (app, { pool }) => {
  app.get(
    '/deliveries',
    {
      schema: {
        operationId: 'listDeliveries',
        summary: 'Search deliveries, the newest first',
        tags: ['deliveries'],
        querystring: Query,
        response: { 200: pageOf(DeliverySchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query }) => {
      const { cursor, limit = DEFAULT_LIMIT, ...filters } = query
      const [after] = readCursor(cursor, BY_UUID) ?? []
      const found = await searchAdminDeliveries(pool, { ...filters, after, limit: limit + 1 })
      return toPage(found, limit, ({ key }) => [key], presentDelivery)
    },
  )
}
