import { type Static, Type } from 'typebox'
import type { ApiContext } from '../context.ts'
import { directoryOn } from '../directory/agencies.ts'
import { expandGroup } from '../directory/snapshot/expand-group.ts'
import { type GroupOnDay, listGroups } from '../directory/snapshot/list-groups.ts'
import { agencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import type { Door } from './door.ts'
import { Code, Day, Nullable } from './schemas/common.ts'
import { BY_KEY, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from './schemas/page.ts'
import { problemResponses } from './schemas/problem.ts'

const Query = Type.Object(
  {
    ...PAGE_QUERY,
    on: Type.Optional({ ...Day, description: 'The day to look at, yyyy-MM-dd; today where left out' }),
  },
  { additionalProperties: false },
)

const Members = Type.Object(
  {
    codes: Type.Optional(Type.Array(Type.String(), { description: 'These agencies' })),
    tier: Type.Optional(Type.String({ description: 'Those of this tier' })),
    under: Type.Optional(Type.String({ description: 'Those beneath this agency, however far' })),
    parent: Type.Optional(Nullable(Type.String({ description: 'Those directly beneath this agency' }))),
  },
  { description: 'A list, or conditions that all hold' },
)

const Group = Type.Object({ code: Type.String(), name: Type.String(), members: Members })

const Member = Type.Object({ code: Type.String(), name: Type.String() })

const Expanded = Type.Object({
  group: Group,
  count: Type.Integer({ description: 'Agencies that a document to the group would reach' }),
  missing: Type.Array(Type.Object({ code: Type.String(), reason: Type.String() }), {
    description: 'Listed, but leading to no open agency',
  }),
  items: Type.Array(Member, { description: 'In the order of codes' }),
  nextCursor: Nullable(Type.String()),
})

const present = ({ code, name, members }: GroupOnDay): Static<typeof Group> => ({
  code,
  name,
  members: 'codes' in members ? { codes: [...members.codes] } : { ...members },
})

/** What both who send to groups and who keep them may look at: which there are, and whom each stands for on a day. */
export function addGroupRoutes(
  app: Parameters<Door>[0],
  context: ApiContext,
  path: string,
  tag: string,
): void {
  app.get(
    path,
    {
      schema: {
        operationId: 'listGroups',
        summary: 'List the address groups in force on a day, as they are described',
        description: 'Nhóm nơi nhận. A packet names a group by its code, like an agency.',
        tags: [tag],
        querystring: Query,
        response: { 200: pageOf(Group), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query: { cursor, limit = DEFAULT_LIMIT, on } }) => {
      const [after = ''] = readCursor(cursor, BY_KEY) ?? []
      const { directory, day } = await directoryOn(context, on)
      const rest = listGroups(directory, day).filter(({ code }) => code > after)
      return toPage(rest, limit, ({ code }) => [code], present)
    },
  )
  app.get(
    `${path}/:code`,
    {
      schema: {
        operationId: 'getGroup',
        summary: 'See whom an address group stands for on a day, page by page',
        tags: [tag],
        params: Type.Object({ code: Code }),
        querystring: Query,
        response: { 200: Expanded, ...problemResponses('not-found', 'cursor-invalid') },
      },
    },
    async ({ params, query: { cursor, limit = DEFAULT_LIMIT, on } }) => {
      const [after = ''] = readCursor(cursor, BY_KEY) ?? []
      const { directory, day } = await directoryOn(context, on)
      const code = agencyCode(params.code)
      const group = directory.fact(code, 'group', day)?.value
      if (group === undefined) throw new GatewayError('not-found')
      const expanded = expandGroup(directory, code, { day })
      const { members, missing } = typeof expanded === 'string' ? NOBODY : expanded
      const inOrder = members.map(({ agency }) => agency).sort((a, b) => (a.code < b.code ? -1 : 1))
      const rest = inOrder.filter((agency) => agency.code > after)
      return {
        group: present({ code, ...group }),
        count: members.length,
        missing: [...missing],
        ...toPage(
          rest,
          limit,
          (agency) => [agency.code],
          ({ code, name }) => ({ code, name }),
        ),
      }
    },
  )
}

const NOBODY = { members: [], missing: [] } as const
