import { Type } from 'typebox'
import { listDelegations as findPage } from '../../db/delegations.ts'
import type { Operation } from '../operation.ts'
import { Code } from '../schemas/common.ts'
import { BY_UUID, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DelegationSchema, presentDelegation } from './delegation-schemas.ts'

const Query = Type.Object(
  { ...PAGE_QUERY, agency: Type.Optional(Code), delegate: Type.Optional(Code) },
  { additionalProperties: false },
)

export const listDelegations: Operation = (app, { pool }) => {
  app.get(
    '/delegations',
    {
      schema: {
        operationId: 'listDelegations',
        summary: 'List who may act for whom, also those that have ended, the oldest first',
        tags: ['delegations'],
        querystring: Query,
        response: { 200: pageOf(DelegationSchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query }) => {
      const { cursor, limit = DEFAULT_LIMIT, ...filters } = query
      const [after] = readCursor(cursor, BY_UUID) ?? []
      const found = await findPage(pool, { ...filters, after, limit: limit + 1 })
      return toPage(found, limit, ({ id }) => [id], presentDelegation)
    },
  )
}
