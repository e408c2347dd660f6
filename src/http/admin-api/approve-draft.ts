import { Type } from 'typebox'
import { approveDraft as approve } from '../../directory/drafts/approve-draft.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { DraftParam, DraftSchema, presentDraft } from './draft-schemas.ts'
import { entityTag } from './if-match.ts'

const Seen = Type.Object(
  {
    version: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }),
    contentSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false, description: 'What was looked at: nothing else is approved' },
)

export const approveDraft: Operation = (app, context) => {
  app.post(
    '/drafts/:id/approve',
    {
      schema: {
        operationId: 'approveDraft',
        summary: 'Approve a draft as its second person; it is applied with that, whole or not at all',
        description:
          'Refused to everybody who wrote any version of it, and to whoever is not independent of them. A directory draft takes effect on the days of its acts, a routing table at its time.',
        tags: ['drafts'],
        params: DraftParam,
        body: Seen,
        response: {
          200: Streamed(DraftSchema),
          ...problemResponses('not-found', 'approval-refused', 'revision-conflict'),
        },
      },
    },
    async ({ params, body, caller }, reply) => {
      const draft = await approve(draftDependencies(context, reply), caller, params.id, body)
      return reply
        .header('etag', entityTag(draft.version))
        .type(JSON_TYPE)
        .send(jsonStream(presentDraft(draft)))
    },
  )
}
