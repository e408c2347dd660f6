import { acceptSubmission } from '../../intake/accept-submission.ts'
import { intakeFor } from '../admit.ts'
import { DocumentHeaderSchema } from '../schemas/document-header.ts'
import { IdempotencyHeaders } from './idempotency-key.ts'
import { type Operation, TAGS } from './operation.ts'
import { streamedBody } from './read-body.ts'
import {
  acceptanceResponses,
  acceptedReply,
  describeBodyOnly,
  headerAcceptor,
  jsonAndForm,
  mediaTypeOf,
  PACKET_BODIES,
  refuseTooLong,
  senderOf,
} from './submission.ts'

const envelope = {
  type: 'string',
  format: 'binary',
  description: 'A whole edXML packet, instead of header and file',
}
const acceptHeaderOrForm = headerAcceptor({ schema: DocumentHeaderSchema, takesEnvelope: true })

export const submitDocument: Operation = (app, surroundings) => {
  const { context, admit } = surroundings
  app.post(
    '/documents',
    {
      validatorCompiler: describeBodyOnly,
      schema: {
        operationId: 'submitDocument',
        tags: [TAGS.documents],
        summary: 'Submit a document or a status: an edXML packet as it is, or a header with files',
        description:
          'Gửi văn bản: gói edXML nguyên vẹn, hoặc phần đầu (JSON) kèm tệp. When the answer comes, the document is ' +
          'durable. Sending the same again is safe and gets the first answer; the same DocumentId with other bytes ' +
          'is refused.',
        headers: IdempotencyHeaders,
        body: { content: { ...PACKET_BODIES, ...jsonAndForm(DocumentHeaderSchema, { envelope }) } },
        response: acceptanceResponses(),
      },
    },
    async (request, reply) => {
      refuseTooLong(request, surroundings)
      const isPacket = mediaTypeOf(request) in PACKET_BODIES
      const accepted = await admit(request, () =>
        isPacket
          ? acceptSubmission(intakeFor(context, request), {
              ...senderOf(request),
              content: streamedBody(request),
            })
          : acceptHeaderOrForm(request, surroundings, (header) => header),
      )
      return acceptedReply(app, reply, accepted)
    },
  )
}
