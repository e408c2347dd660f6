import { getDraft as find } from '../../directory/drafts/move-draft.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DraftParam, DraftSchema, presentDraft } from './draft-schemas.ts'
import { entityTag } from './if-match.ts'

export const getDraft: Operation = (app, { pool }) => {
  app.get(
    '/drafts/:id',
    {
      schema: {
        operationId: 'getDraft',
        summary: 'Get a draft with its content; its ETag is its version',
        tags: ['drafts'],
        params: DraftParam,
        response: { 200: Streamed(DraftSchema), ...problemResponses('not-found') },
      },
    },
    async ({ params }, reply) => {
      const draft = await find(pool, params.id)
      return reply
        .header('etag', entityTag(draft.version))
        .type(JSON_TYPE)
        .send(jsonStream(presentDraft(draft)))
    },
  )
}
