import { Type } from 'typebox'
import { listDirectoryRevisions as findPage } from '../../db/directory-history.ts'
import type { Operation } from '../operation.ts'
import { BY_NUMBER, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { presentRevision, RevisionSchema } from './agency-schemas.ts'

export const listDirectoryRevisions: Operation = (app, { pool }) => {
  app.get(
    '/directory/revisions',
    {
      schema: {
        operationId: 'listDirectoryRevisions',
        summary: 'List the revisions of the directory, the newest first: who said something, why and when',
        tags: ['agencies'],
        querystring: Type.Object(PAGE_QUERY, { additionalProperties: false }),
        response: { 200: pageOf(RevisionSchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query: { cursor, limit = DEFAULT_LIMIT } }) => {
      const [before] = readCursor(cursor, BY_NUMBER) ?? []
      const found = await findPage(pool, before ?? null, limit + 1)
      return toPage(found, limit, ({ number }) => [number], presentRevision)
    },
  )
}
