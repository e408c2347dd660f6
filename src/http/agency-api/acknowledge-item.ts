import { Type } from 'typebox'
import { actingAgency } from '../../directory/acting-agency.ts'
import { deliveryKey } from '../../domain/identifiers.ts'
import { acknowledge } from '../../receipts/hand-over.ts'
import { Nullable, Uuid } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ActingQuery, DeliveryParams, type Operation, TAGS } from './operation.ts'

const AckBody = Nullable(Type.Object({ claimToken: Type.Optional(Uuid) }, { additionalProperties: false }))

export const acknowledgeItem: Operation = (app, { context }) => {
  app.post(
    '/inbox/:deliveryId/ack',
    {
      schema: {
        operationId: 'acknowledgeItem',
        tags: [TAGS.inbox],
        summary: 'Confirm that the document is stored: it leaves the inbox. Confirming again is fine',
        description: 'Xác nhận đã lưu văn bản. Acknowledge only once the document is durable on your side.',
        params: DeliveryParams,
        querystring: ActingQuery,
        body: AckBody,
        response: {
          204: Type.Null({ description: 'Confirmed' }),
          ...problemResponses(
            'not-found',
            'delivery-withdrawn',
            'delivery-moved',
            'claim-conflict',
            'delivery-state-conflict',
            'delegation-missing',
          ),
        },
      },
    },
    async ({ caller, params, query, body }, reply) => {
      const agency = await actingAgency(context, caller, query.agency)
      const claimToken = body?.claimToken ?? null
      await acknowledge(context.pool, {
        caller,
        agency,
        delivery: deliveryKey(params.deliveryId),
        claimToken,
      })
      return reply.code(204).send(null)
    },
  )
}
