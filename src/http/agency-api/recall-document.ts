import { Type } from 'typebox'
import { actingAgency } from '../../directory/acting-agency.ts'
import { documentKey } from '../../domain/identifiers.ts'
import { RECALL_OUTCOMES, recallDocument as recall } from '../../intake/compose-recall.ts'
import { sentDocument } from '../../receipts/own-documents.ts'
import { ACCEPTANCE_FIELDS } from '../schemas/acceptance.ts'
import { Code } from '../schemas/common.ts'
import { IdempotencyHeaders } from './idempotency-key.ts'
import { ActingQuery, DocumentParams, type Operation, TAGS } from './operation.ts'
import { acceptanceResponses, acceptedReply, senderOf } from './submission.ts'

const RecallBody = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }),
    recipients: Type.Optional(
      Type.Array(Code, { minItems: 1, description: 'Everybody who was sent the document where left out' }),
    ),
  },
  { additionalProperties: false },
)

const Recalled = Type.Object({
  ...ACCEPTANCE_FIELDS,
  outcomes: Type.Array(
    Type.Object({
      agency: Type.String(),
      outcome: Type.Enum([...RECALL_OUTCOMES]),
    }),
    {
      description:
        'withdrawn: never fetched, and never will be; withdrawn-in-part: never fetched, but still under way for other ' +
        'names that led to this agency; asked: has the document, answers 15 or 16; withdrawn-before: taken back earlier; agency-closed: has the document and no longer exists, nobody could be asked',
    },
  ),
})

export const recallDocument: Operation = (app, { context, admit }) => {
  app.post(
    '/documents/:documentId/recall',
    {
      schema: {
        operationId: 'recallDocument',
        tags: [TAGS.documents],
        summary: 'Take a document back, from everybody or from some of its recipients',
        description:
          'Thu hồi văn bản. Each call is a recall of its own: give an Idempotency-Key to repeat one safely.',
        params: DocumentParams,
        querystring: ActingQuery,
        headers: IdempotencyHeaders,
        body: RecallBody,
        response: acceptanceResponses(Recalled),
      },
    },
    async (request, reply) => {
      const sender = senderOf(request)
      const { accepted, recipients } = await admit(
        request,
        async () => {
          const agency = await actingAgency(context, request.caller, request.query.agency)
          const document = await sentDocument(context, agency, documentKey(request.params.documentId))
          return recall(context, sender, { document, agency, ...request.body })
        },
        'notice',
      )
      return { ...acceptedReply(app, reply, accepted), outcomes: [...recipients] }
    },
  )
}
