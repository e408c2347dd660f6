import { Type } from 'typebox'
import { listAxisSystems as findPage } from '../../db/axis-systems.ts'
import type { Operation } from '../operation.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AxisSystemSchema, presentAxisSystem } from './axis-system-schemas.ts'

const Query = Type.Object(PAGE_QUERY, { additionalProperties: false })

export const listAxisSystems: Operation = (app, { pool }) => {
  app.get(
    '/axis-systems',
    {
      schema: {
        operationId: 'listAxisSystems',
        summary: 'List systems of the axis interface in the order of their ids, also revoked ones',
        tags: ['axis systems'],
        querystring: Query,
        response: { 200: pageOf(AxisSystemSchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query: { cursor, limit = DEFAULT_LIMIT } }) => {
      const [after] = readCursor(cursor, BY_KEY) ?? []
      const found = await findPage(pool, { after, limit: limit + 1 })
      return toPage(found, limit, ({ systemId }) => [systemId], presentAxisSystem)
    },
  )
}
