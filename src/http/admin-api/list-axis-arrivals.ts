import { Type } from 'typebox'
import { searchArrivals } from '../../db/admin-arrivals.ts'
import type { Operation } from '../operation.ts'
import { BY_UUID, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ArrivalSchema, ArrivalStateId, presentArrival } from './axis-arrival-schemas.ts'

const Query = Type.Object(
  {
    ...PAGE_QUERY,
    connector: Type.Optional(Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 60 })),
    state: Type.Optional(ArrivalStateId),
  },
  { additionalProperties: false },
)

export const listAxisArrivals: Operation = (app, { pool }) => {
  app.get(
    '/axis-arrivals',
    {
      schema: {
        operationId: 'listAxisArrivals',
        summary: 'List what other exchanges hold or held for this gateway, the newest first',
        tags: ['axis-arrivals'],
        querystring: Query,
        response: { 200: pageOf(ArrivalSchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query }) => {
      const { cursor, limit = DEFAULT_LIMIT, ...filters } = query
      const [after] = readCursor(cursor, BY_UUID) ?? []
      const page = { ...filters, limit: limit + 1, ...(after !== undefined && { after }) }
      return toPage(await searchArrivals(pool, page), limit, ({ id }) => [id], presentArrival)
    },
  )
}
