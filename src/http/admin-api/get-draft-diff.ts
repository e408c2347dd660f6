import { diffDraft } from '../../directory/drafts/diff-draft.ts'
import { getDraft } from '../../directory/drafts/move-draft.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DiffSchema } from './diff-schemas.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { DraftParam } from './draft-schemas.ts'

export const getDraftDiff: Operation = (app, context) => {
  app.get(
    '/drafts/:id/diff',
    {
      schema: {
        operationId: 'getDraftDiff',
        summary: 'See what a draft changes, rule by rule or agency by agency',
        tags: ['drafts'],
        params: DraftParam,
        response: { 200: Streamed(DiffSchema), ...problemResponses('not-found') },
      },
    },
    async ({ params }, reply) => {
      const draft = await getDraft(context.pool, params.id)
      const diff = await diffDraft(draftDependencies(context, reply), draft)
      return reply.type(JSON_TYPE).send(jsonStream(diff))
    },
  )
}
