import { Type } from 'typebox'
import { revertRevision as revert } from '../../directory/drafts/revert-revision.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { DraftSchema, presentDraft } from './draft-schemas.ts'
import { entityTag } from './if-match.ts'

const Params = Type.Object({ revision: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }) })

const REVERTED = [
  {
    kind: 'routing',
    path: '/routing-table',
    operationId: 'revertRoutingRevision',
    summary: 'Make and submit the draft that goes back to a revision of the routing table',
  },
  {
    kind: 'directory',
    path: '/directory',
    operationId: 'revertDirectoryRevision',
    summary: 'Make and submit the draft that takes back what a revision of the directory said',
  },
] as const

export const revertRevision: Operation = (app, context) => {
  for (const { kind, path, operationId, summary } of REVERTED)
    app.post(
      `${path}/revisions/:revision/revert`,
      {
        schema: {
          operationId,
          summary,
          description: 'A second person approves it like any other draft.',
          tags: ['drafts'],
          params: Params,
          response: {
            201: Streamed(DraftSchema),
            ...problemResponses(
              'not-found',
              'revision-conflict',
              'delivery-state-conflict',
              'payload-too-large',
            ),
          },
        },
      },
      async ({ params, caller }, reply) => {
        const draft = await revert(draftDependencies(context, reply), caller, kind, params.revision)
        return reply
          .status(201)
          .header('location', `/admin/v1/drafts/${draft.id}`)
          .header('etag', entityTag(draft.version))
          .type(JSON_TYPE)
          .send(jsonStream(presentDraft(draft)))
      },
    )
}
