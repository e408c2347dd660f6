import { reopenDraft, withdrawDraft } from '../../directory/drafts/move-draft.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DraftParam, DraftSchema, presentDraft } from './draft-schemas.ts'
import { entityTag } from './if-match.ts'

const MOVES = [
  {
    path: 'reopen',
    operationId: 'reopenDraft',
    summary: 'Take a submitted draft back for more writing',
    move: reopenDraft,
  },
  {
    path: 'withdraw',
    operationId: 'withdrawDraft',
    summary: 'Give a draft up for good',
    move: withdrawDraft,
  },
] as const

/** The steps back: neither changes what a draft says. */
export const moveDraft: Operation = (app, { pool }) => {
  for (const { path, operationId, summary, move } of MOVES)
    app.post(
      `/drafts/:id/${path}`,
      {
        schema: {
          operationId,
          summary,
          tags: ['drafts'],
          params: DraftParam,
          response: {
            200: Streamed(DraftSchema),
            ...problemResponses('not-found', 'delivery-state-conflict'),
          },
        },
      },
      async ({ params, caller }, reply) => {
        const draft = await move(pool, caller, params.id)
        return reply
          .header('etag', entityTag(draft.version))
          .type(JSON_TYPE)
          .send(jsonStream(presentDraft(draft)))
      },
    )
}
