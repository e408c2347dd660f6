import { Type } from 'typebox'
import { listClients as findPage } from '../../db/clients.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import type { Operation } from '../operation.ts'
import { Code } from '../schemas/common.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ClientSchema, presentClient } from './client-schemas.ts'

const Query = Type.Object({ ...PAGE_QUERY, agency: Type.Optional(Code) }, { additionalProperties: false })

export const listClients: Operation = (app, { pool }) => {
  app.get(
    '/clients',
    {
      schema: {
        operationId: 'listClients',
        summary: 'List clients in the order of their ids, also revoked ones; never their secrets',
        tags: ['clients'],
        querystring: Query,
        response: { 200: pageOf(ClientSchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query: { cursor, limit = DEFAULT_LIMIT, agency } }) => {
      const [after] = readCursor(cursor, BY_KEY) ?? []
      const filters = agency === undefined ? {} : { agency: agencyCode(agency) }
      const found = await findPage(pool, { ...filters, after, limit: limit + 1 })
      return toPage(found, limit, ({ clientId }) => [clientId], presentClient)
    },
  )
}
