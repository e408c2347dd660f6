import { Type } from 'typebox'
import { listRoutingTables } from '../../db/routing.ts'
import type { Operation } from '../operation.ts'
import { BY_NUMBER, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { presentTable, RoutingTableSchema } from './routing-schemas.ts'

export const listRoutingRevisions: Operation = (app, { pool }) => {
  app.get(
    '/routing-table/revisions',
    {
      schema: {
        operationId: 'listRoutingRevisions',
        summary: 'List every revision of the routing table, the newest first',
        tags: ['routing'],
        querystring: Type.Object(PAGE_QUERY, { additionalProperties: false }),
        response: { 200: pageOf(RoutingTableSchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query: { cursor, limit = DEFAULT_LIMIT } }) => {
      const [before] = readCursor(cursor, BY_NUMBER) ?? []
      const found = await listRoutingTables(pool, before ?? null, limit + 1)
      return toPage(found, limit, ({ revision }) => [revision], presentTable)
    },
  )
}
