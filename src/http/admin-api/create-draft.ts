import { Type } from 'typebox'
import { readContent } from '../../directory/drafts/read-content.ts'
import { createDraft as create } from '../../directory/drafts/write-draft.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import {
  Content,
  DRAFT_BYTES,
  DraftKindId,
  DraftSchema,
  EffectiveAt,
  presentDraft,
  Title,
} from './draft-schemas.ts'
import { entityTag } from './if-match.ts'

const NewDraft = Type.Object(
  {
    kind: DraftKindId,
    title: Title,
    content: Content,
    base: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2 ** 31 - 1,
        description: 'The revision that it was made from; the latest where left out',
      }),
    ),
    effectiveAt: Type.Optional(EffectiveAt),
  },
  { additionalProperties: false },
)

export const createDraft: Operation = (app, { pool }) => {
  app.post(
    '/drafts',
    {
      bodyLimit: DRAFT_BYTES,
      schema: {
        operationId: 'createDraft',
        summary: 'Begin a change of the directory or of the routing table',
        description:
          'Nothing changes until it is submitted and a second person, who wrote no version of it, has approved it.',
        tags: ['drafts'],
        body: NewDraft,
        response: { 201: Streamed(DraftSchema), ...problemResponses('payload-too-large') },
      },
    },
    async ({ body, caller }, reply) => {
      const { effectiveAt, ...rest } = body
      const content = await readContent(body.kind, body.content)
      const time = effectiveAt == null ? null : new Date(effectiveAt)
      const draft = await create({ pool }, caller, { ...rest, content, effectiveAt: time })
      return reply
        .status(201)
        .header('location', `/admin/v1/drafts/${draft.id}`)
        .header('etag', entityTag(draft.version))
        .type(JSON_TYPE)
        .send(jsonStream(presentDraft(draft)))
    },
  )
}
