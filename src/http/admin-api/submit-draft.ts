import { submitDraft as submit } from '../../directory/drafts/move-draft.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { DraftParam, DraftSchema, presentDraft } from './draft-schemas.ts'
import { entityTag, IfMatch, seenRevision } from './if-match.ts'

export const submitDraft: Operation = (app, context) => {
  app.post(
    '/drafts/:id/submit',
    {
      schema: {
        operationId: 'submitDraft',
        summary: 'Validate a draft and submit it for approval',
        description:
          'Errors refuse it, all together; warnings are kept with it and shown to whoever approves.',
        tags: ['drafts'],
        params: DraftParam,
        headers: IfMatch,
        response: {
          200: Streamed(DraftSchema),
          ...problemResponses('not-found', 'revision-conflict', 'delivery-state-conflict'),
        },
      },
    },
    async ({ params, headers, caller }, reply) => {
      const draft = await submit(draftDependencies(context, reply), caller, params.id, seenRevision(headers))
      return reply
        .header('etag', entityTag(draft.version))
        .type(JSON_TYPE)
        .send(jsonStream(presentDraft(draft)))
    },
  )
}
