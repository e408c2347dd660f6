import { Type } from 'typebox'
import { rebaseDraft as rebase } from '../../directory/drafts/rebase-draft.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { DateTime, Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { RulesDiffSchema } from './diff-schemas.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { DraftParam, DraftSchema, presentDraft } from './draft-schemas.ts'
import { entityTag, IfMatch, seenRevision } from './if-match.ts'

const Rebased = Type.Object({
  draft: DraftSchema,
  underneath: Type.Object(
    {
      revisions: Type.Array(
        Type.Object({
          number: Type.Integer(),
          author: Type.String(),
          reason: Type.String(),
          recordedAt: DateTime,
        }),
        { description: 'Revisions of the directory that touched what the draft is about' },
      ),
      rules: Nullable(RulesDiffSchema),
      conflicts: Type.Array(Type.String(), {
        description: 'Rules that both changed, now as the draft has them',
      }),
      isOrderContested: Type.Boolean({
        description: 'Both put rules into another order, which is now as the draft has it',
      }),
    },
    { description: 'What others changed since the draft was made' },
  ),
})

export const rebaseDraft: Operation = (app, context) => {
  app.post(
    '/drafts/:id/rebase',
    {
      schema: {
        operationId: 'rebaseDraft',
        summary: 'Make a draft anew from the latest revision',
        description:
          'A table takes over what others changed and the draft did not. Whoever does this is an author of the draft.',
        tags: ['drafts'],
        params: DraftParam,
        headers: IfMatch,
        response: {
          200: Streamed(Rebased),
          ...problemResponses('not-found', 'revision-conflict', 'delivery-state-conflict'),
        },
      },
    },
    async ({ params, headers, caller }, reply) => {
      const done = await rebase(draftDependencies(context, reply), caller, params.id, seenRevision(headers))
      const { draft, underneath } = done
      return reply
        .header('etag', entityTag(draft.version))
        .type(JSON_TYPE)
        .send(jsonStream({ draft: presentDraft(draft), underneath }))
    },
  )
}
