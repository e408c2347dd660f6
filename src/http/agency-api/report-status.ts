import { Type } from 'typebox'
import { actingAgency } from '../../directory/acting-agency.ts'
import { deliveryKey } from '../../domain/identifiers.ts'
import { reportStatus as report } from '../../intake/compose-status.ts'
import { receivedDocument } from '../../receipts/own-documents.ts'
import { Instant } from '../schemas/common.ts'
import { StaffSchema } from '../schemas/document-header.ts'
import { IdempotencyHeaders } from './idempotency-key.ts'
import { ActingQuery, DeliveryParams, type Operation, TAGS } from './operation.ts'
import { acceptanceResponses, acceptedReply, senderOf } from './submission.ts'

const StatusBody = Type.Object(
  {
    code: Type.String({
      pattern: '^\\d\\d$',
      description:
        '01 arrived, 02 refused (with description), 03 accepted, 04 assigned, 05 being processed, 06 finished, ' +
        '15 recall or update agreed, 16 objected to; other codes are passed on as they are',
    }),
    description: Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })),
    staff: Type.Optional(StaffSchema),
    timestamp: Type.Optional({ ...Instant, description: 'When it came about; now where left out' }),
  },
  { additionalProperties: false },
)

export const reportStatus: Operation = (app, { context, admit }) => {
  app.post(
    '/inbox/:deliveryId/statuses',
    {
      schema: {
        operationId: 'reportStatus',
        tags: [TAGS.inbox],
        summary: "Report on a document: the sender's system gets it as a status packet",
        description:
          'Báo trạng thái xử lý cho bên gửi. Give an Idempotency-Key to repeat a report safely. Codes may come in ' +
          'any order.',
        params: DeliveryParams,
        querystring: ActingQuery,
        headers: IdempotencyHeaders,
        body: StatusBody,
        response: acceptanceResponses(),
      },
    },
    async (request, reply) => {
      const sender = senderOf(request)
      const { timestamp, ...status } = request.body
      const accepted = await admit(
        request,
        async () => {
          const agency = await actingAgency(context, request.caller, request.query.agency)
          const received = await receivedDocument(
            context.pool,
            agency,
            deliveryKey(request.params.deliveryId),
          )
          return report(context, sender, {
            ...received,
            ...status,
            timestamp: timestamp === undefined ? undefined : new Date(timestamp),
          })
        },
        'notice',
      )
      return acceptedReply(app, reply, accepted)
    },
  )
}
