import { Type } from 'typebox'
import { getDraft } from '../../directory/drafts/move-draft.ts'
import { readContent } from '../../directory/drafts/read-content.ts'
import { editDraft } from '../../directory/drafts/write-draft.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import {
  Content,
  DRAFT_BYTES,
  DraftParam,
  DraftSchema,
  EffectiveAt,
  presentDraft,
  Title,
} from './draft-schemas.ts'
import { entityTag, IfMatch, seenRevision } from './if-match.ts'

const NewVersion = Type.Object(
  { content: Content, title: Type.Optional(Title), effectiveAt: Type.Optional(EffectiveAt) },
  { additionalProperties: false },
)

export const putDraftContent: Operation = (app, { pool }) => {
  app.put(
    '/drafts/:id/content',
    {
      bodyLimit: DRAFT_BYTES,
      schema: {
        operationId: 'putDraftContent',
        summary: 'Write the next version of a draft',
        description:
          'It is open again, whoever wrote it is one of its authors, and no approval of before counts.',
        tags: ['drafts'],
        params: DraftParam,
        headers: IfMatch,
        body: NewVersion,
        response: {
          200: Streamed(DraftSchema),
          ...problemResponses(
            'not-found',
            'revision-conflict',
            'delivery-state-conflict',
            'payload-too-large',
          ),
        },
      },
    },
    async ({ params, headers, body, caller }, reply) => {
      const { kind } = await getDraft(pool, params.id)
      const content = await readContent(kind, body.content)
      const time = body.effectiveAt == null ? null : new Date(body.effectiveAt)
      const draft = await editDraft({ pool }, caller, params.id, seenRevision(headers), {
        content,
        ...(body.title !== undefined && { title: body.title }),
        ...(body.effectiveAt !== undefined && { effectiveAt: time }),
      })
      return reply
        .header('etag', entityTag(draft.version))
        .type(JSON_TYPE)
        .send(jsonStream(presentDraft(draft)))
    },
  )
}
