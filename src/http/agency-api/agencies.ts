import { type Static, Type } from 'typebox'
import { directoryOn, getAgency as findAgency } from '../../directory/agencies.ts'
import type { AgencyEntry } from '../../directory/snapshot/agency-entry.ts'
import { listAgencies as pageOfAgencies } from '../../directory/snapshot/list-agencies.ts'
import { isOpenOn } from '../../domain/agency.ts'
import { Code, Day, Nullable, Tier } from '../schemas/common.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { type Operation, TAGS } from './operation.ts'

const AgencySchema = Type.Object({
  code: Type.String(),
  name: Type.String(),
  tier: Type.String(),
  parent: Nullable(Type.String()),
  aliases: Type.Array(Type.String()),
  open: Type.Boolean({ description: 'Whether it is open on that day' }),
  validFrom: Type.String({ description: 'yyyy-MM-dd' }),
  validTo: Nullable(Type.String({ description: 'First day after its end, yyyy-MM-dd' })),
  successor: Nullable(Type.String()),
})

const present =
  (day: string) =>
  (agency: AgencyEntry): Static<typeof AgencySchema> => ({
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

const ON = {
  on: Type.Optional({ ...Day, description: 'The day to look at, yyyy-MM-dd; today where left out' }),
}

export const listAgencies: Operation = (app, { context }) => {
  const Query = Type.Object(
    {
      ...PAGE_QUERY,
      text: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Part of code or name' })),
      tier: Type.Optional(Tier),
      parent: Type.Optional(Code),
      open: Type.Optional(Type.Boolean({ description: 'Only those that are open on the day' })),
      ...ON,
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
    async ({ query: { cursor, limit = DEFAULT_LIMIT, on, ...filter } }) => {
      const [after] = readCursor(cursor, BY_KEY) ?? []
      const { directory, day } = await directoryOn(context, on)
      const found = pageOfAgencies(directory, { ...filter, day, after, limit: limit + 1 })
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
        querystring: Type.Object(ON, { additionalProperties: false }),
        response: { 200: AgencySchema, ...problemResponses('not-found') },
      },
    },
    async ({ params, query }) => {
      const known = await directoryOn(context, query.on)
      return present(known.day)(findAgency(known, params.code))
    },
  )
}
