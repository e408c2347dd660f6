import { Type } from 'typebox'
import { factsOfRevision, findDirectoryRevision } from '../../db/directory-history.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { Operation } from '../operation.ts'
import { Nullable } from '../schemas/common.ts'
import { BY_NUMBER, DEFAULT_LIMIT, PAGE_QUERY, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { FactSchema, presentFact, presentRevision, RevisionSchema } from './agency-schemas.ts'

const Params = Type.Object({ number: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }) })

const Whole = Type.Object({
  revision: RevisionSchema,
  items: Type.Array(FactSchema, {
    description: 'What it said (`assertedIn` is its number) and what it took back (`retractedIn` is)',
  }),
  nextCursor: Nullable(Type.String()),
})

export const getDirectoryRevision: Operation = (app, { pool }) => {
  app.get(
    '/directory/revisions/:number',
    {
      schema: {
        operationId: 'getDirectoryRevision',
        summary: 'Get one revision of the directory with what it said and took back, page by page',
        tags: ['agencies'],
        params: Params,
        querystring: Type.Object(PAGE_QUERY, { additionalProperties: false }),
        response: { 200: Whole, ...problemResponses('not-found', 'cursor-invalid') },
      },
    },
    async ({ params: { number }, query: { cursor, limit = DEFAULT_LIMIT } }) => {
      const [after] = readCursor(cursor, BY_NUMBER) ?? []
      const revision = await findDirectoryRevision(pool, number)
      if (revision === undefined) throw new GatewayError('not-found')
      const facts = await factsOfRevision(pool, number, after ?? 0, limit + 1)
      return {
        revision: presentRevision(revision),
        ...toPage(facts, limit, ({ id }) => [id], presentFact),
      }
    },
  )
}
