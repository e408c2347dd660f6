import { Type } from 'typebox'
import { findRoutingTable } from '../../db/routing.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { presentTable, RoutingTableSchema } from './routing-schemas.ts'

const Params = Type.Object({ revision: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }) })

export const getRoutingRevision: Operation = (app, { pool }) => {
  app.get(
    '/routing-table/revisions/:revision',
    {
      schema: {
        operationId: 'getRoutingRevision',
        summary: 'Get one revision of the routing table',
        tags: ['routing'],
        params: Params,
        response: { 200: RoutingTableSchema, ...problemResponses('not-found') },
      },
    },
    async ({ params }) => {
      const table = await findRoutingTable(pool, params.revision)
      if (table === undefined) throw new GatewayError('not-found')
      return presentTable(table)
    },
  )
}
