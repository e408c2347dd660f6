import { type Static, Type } from 'typebox'
import { type AgencyRecord, findAgencies, listAgencies as pageOfAgencies } from '../../db/agencies.ts'
import { databaseNow } from '../../db/now.ts'
import { isOpenOn } from '../../domain/agency.ts'
import { GatewayError } from '../../domain/problem.ts'
import { vietnamDay } from '../../domain/vietnam-time.ts'
import { Code, Nullable, Tier } from '../schemas/common.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { type Operation, TAGS } from './operation.ts'

const AgencySchema = Type.Object({
  code: Type.String(),
  name: Type.String(),
  tier: Type.String(),
  parent: Nullable(Type.String()),
  aliases: Type.Array(Type.String()),
  open: Type.Boolean({ description: 'Whether it is open today' }),
  validFrom: Type.String({ description: 'yyyy-MM-dd' }),
  validTo: Nullable(Type.String({ description: 'First day after its end, yyyy-MM-dd' })),
  successor: Nullable(Type.String()),
})

const present =
  (day: string) =>
  (agency: AgencyRecord): Static<typeof AgencySchema> => ({
    code: agency.code,
    name: agency.name,
    tier: agency.tier,
    parent: agency.parent,
    aliases: [...agency.aliases],
    open: isOpenOn(agency, day),
    validFrom: agency.validFrom,
    validTo: agency.validTo,
    successor: agency.successor,
  })

export const listAgencies: Operation = (app, { context }) => {
  const Query = Type.Object(
    {
      ...PAGE_QUERY,
      text: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Part of code or name' })),
      tier: Type.Optional(Tier),
      parent: Type.Optional(Code),
    },
    { additionalProperties: false },
  )
  app.get(
    '/agencies',
    {
      schema: {
        operationId: 'listAgencies',
        tags: [TAGS.directory],
        summary: 'The directory of agencies, open and closed, in the order of codes',
        description: 'Danh bạ cơ quan.',
        querystring: Query,
        response: { 200: pageOf(AgencySchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query: { cursor, limit = DEFAULT_LIMIT, ...filter } }) => {
      const [after] = readCursor(cursor, BY_KEY) ?? []
      const found = await pageOfAgencies(context.pool, { ...filter, after, limit: limit + 1 })
      const day = vietnamDay(await databaseNow(context.pool))
      return toPage(found, limit, ({ code }) => [code], present(day))
    },
  )
}

export const getAgency: Operation = (app, { context }) => {
  app.get(
    '/agencies/:code',
    {
      schema: {
        operationId: 'getAgency',
        tags: [TAGS.directory],
        summary: 'One agency, by code or alias',
        params: Type.Object({ code: Type.String({ minLength: 1, maxLength: 200 }) }),
        response: { 200: AgencySchema, ...problemResponses('not-found') },
      },
    },
    async ({ params: { code } }) => {
      const agency = (await findAgencies(context.pool, [code])).get(code)
      if (agency === undefined) throw new GatewayError('not-found')
      return present(vietnamDay(await databaseNow(context.pool)))(agency)
    },
  )
}
