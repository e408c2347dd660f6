import { Type } from 'typebox'
import { listAgencies as findPage } from '../../db/agencies.ts'
import type { Operation } from '../operation.ts'
import { Code, Line, Tier } from '../schemas/common.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AgencySchema, presentAgency } from './agency-schemas.ts'

const Query = Type.Object(
  {
    ...PAGE_QUERY,
    text: Type.Optional(Line(200, { description: 'Part of the code or of the name' })),
    tier: Type.Optional(Tier),
    parent: Type.Optional(Code),
  },
  { additionalProperties: false },
)

export const listAgencies: Operation = (app, { pool }) => {
  app.get(
    '/agencies',
    {
      schema: {
        operationId: 'listAgencies',
        summary: 'List agencies in the order of their codes, open and closed',
        tags: ['agencies'],
        querystring: Query,
        response: { 200: pageOf(AgencySchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query }) => {
      const { cursor, limit = DEFAULT_LIMIT, ...filters } = query
      const [after] = readCursor(cursor, BY_KEY) ?? []
      const found = await findPage(pool, { ...filters, after, limit: limit + 1 })
      return toPage(found, limit, ({ code }) => [code], presentAgency)
    },
  )
}
