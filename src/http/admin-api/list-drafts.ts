import { Type } from 'typebox'
import { listDrafts as findPage } from '../../db/drafts.ts'
import type { Operation } from '../operation.ts'
import { BY_UUID, DEFAULT_LIMIT, PAGE_QUERY, pageOf, readCursor, toPage } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DraftKindId, DraftStateId, DraftSummarySchema, presentSummary } from './draft-schemas.ts'

const Query = Type.Object(
  { ...PAGE_QUERY, state: Type.Optional(DraftStateId), kind: Type.Optional(DraftKindId) },
  { additionalProperties: false },
)

export const listDrafts: Operation = (app, { pool }) => {
  app.get(
    '/drafts',
    {
      schema: {
        operationId: 'listDrafts',
        summary: 'List drafts, the newest first',
        tags: ['drafts'],
        querystring: Query,
        response: { 200: pageOf(DraftSummarySchema), ...problemResponses('cursor-invalid') },
      },
    },
    async ({ query }) => {
      const { cursor, limit = DEFAULT_LIMIT, ...filters } = query
      const [before] = readCursor(cursor, BY_UUID) ?? []
      const found = await findPage(pool, { ...filters, before: before ?? null, limit: limit + 1 })
      return toPage(found, limit, ({ id }) => [id], presentSummary)
    },
  )
}
