import { currentRoutingTable } from '../../db/routing.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { entityTag } from './if-match.ts'
import { presentTable, RoutingTableSchema } from './routing-schemas.ts'

export const getRoutingTable: Operation = (app, { pool }) => {
  app.get(
    '/routing-table',
    {
      schema: {
        operationId: 'getRoutingTable',
        summary: 'Get the routing table in force; its ETag is its revision',
        tags: ['routing'],
        response: { 200: RoutingTableSchema, ...problemResponses() },
      },
    },
    async (_request, reply) => {
      const table = await currentRoutingTable(pool)
      return reply.header('etag', entityTag(table.revision)).send(presentTable(table))
    },
  )
}
