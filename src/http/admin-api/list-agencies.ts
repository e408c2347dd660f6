import { Type } from 'typebox'
import { directoryOn } from '../../directory/agencies.ts'
import { listAgencies as findPage } from '../../directory/snapshot/list-agencies.ts'
import type { Operation } from '../operation.ts'
import { Code, Line, Tier } from '../schemas/common.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AgencySchema, ON, presentAgency } from './agency-schemas.ts'

const Query = Type.Object(
  {
    ...PAGE_QUERY,
    ...ON,
    text: Type.Optional(
      Line(200, { description: 'Part of the code or of the name; without diacritics it stands for any' }),
    ),
    tier: Type.Optional(Tier),
    parent: Type.Optional(Code),
    open: Type.Optional(Type.Boolean({ description: 'Only those that are open on the day' })),
  },
  { additionalProperties: false },
)

export const listAgencies: Operation = (app, context) => {
  app.get(
    '/agencies',
    {
      schema: {
        operationId: 'listAgencies',
        summary: 'List agencies in the order of their codes, open and closed, as they are on a day',
        tags: ['agencies'],
        querystring: Query,
        response: { 200: pageOf(AgencySchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query }) => {
      const { cursor, limit = DEFAULT_LIMIT, on, ...filters } = query
      const [after] = readCursor(cursor, BY_KEY) ?? []
      const { directory, day } = await directoryOn(context, on)
      const found = findPage(directory, { ...filters, day, after, limit: limit + 1 })
      return toPage(found, limit, ({ code }) => [code], presentAgency(day))
    },
  )
}
