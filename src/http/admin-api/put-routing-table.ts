import { Type } from 'typebox'
import { replaceRoutingTable } from '../../directory/routing-table.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { entityTag, IfMatch, seenRevision } from './if-match.ts'
import { presentTable, RoutingTableSchema, RuleSchema, toRule } from './routing-schemas.ts'

const NewTable = Type.Object(
  { rules: Type.Array(RuleSchema, { maxItems: 2_000 }) },
  { additionalProperties: false },
)

export const putRoutingTable: Operation = (app, { pool }) => {
  app.put(
    '/routing-table',
    {
      schema: {
        operationId: 'putRoutingTable',
        summary: 'Put a new revision of the routing table in force',
        description: 'Revisions never change. Documents that are already on their way keep their routes.',
        tags: ['routing'],
        headers: IfMatch,
        body: NewTable,
        response: { 200: RoutingTableSchema, ...problemResponses('revision-conflict') },
      },
    },
    async ({ headers, body, caller }, reply) => {
      const table = await replaceRoutingTable(pool, caller, body.rules.map(toRule), seenRevision(headers))
      return reply.header('etag', entityTag(table.revision)).send(presentTable(table))
    },
  )
}
