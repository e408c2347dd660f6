import { Type } from 'typebox'
import { directoryOn, getAgency } from '../../directory/agencies.ts'
import { treeOn } from '../../directory/snapshot/tree.ts'
import type { Operation } from '../operation.ts'
import { Code, Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ON } from './agency-schemas.ts'

const MOST_AGENCIES = 5_000
const DEEPEST = 8

const Query = Type.Object(
  {
    ...ON,
    root: Type.Optional(Code),
    depth: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: DEEPEST,
        description: 'Levels beneath the root; 1 where left out',
      }),
    ),
  },
  { additionalProperties: false },
)

const Row = Type.Object({
  code: Type.String(),
  name: Type.String(),
  tier: Type.String(),
  parent: Nullable(Type.String()),
  depth: Type.Integer({ description: 'Levels beneath the root' }),
  childCount: Type.Integer({ description: 'How many stand directly beneath, also where they are not shown' }),
})

export const getDirectoryTree: Operation = (app, context) => {
  app.get(
    '/directory/tree',
    {
      schema: {
        operationId: 'getDirectoryTree',
        summary: 'See who stands beneath whom on a day, those that are open',
        tags: ['agencies'],
        querystring: Query,
        response: {
          200: Type.Object({
            day: Type.String(),
            revision: Type.Integer({ description: 'The revision of the directory that this was read from' }),
            items: Type.Array(Row, { description: 'Level by level; each names its parent' }),
            isCut: Type.Boolean({
              description: `Whether more than ${MOST_AGENCIES} agencies would have been shown`,
            }),
          }),
          ...problemResponses('not-found'),
        },
      },
    },
    async ({ query: { on, root, depth = 1 } }) => {
      const known = await directoryOn(context, on)
      const { directory, day } = known
      const top = root === undefined ? null : getAgency(known, root)
      const view = { root: top?.code ?? null, day, depth, limit: MOST_AGENCIES }
      const { rows, isCut } = treeOn(directory, view)
      return { day, revision: directory.revision, items: [...rows], isCut }
    },
  )
}
