import { Type } from 'typebox'
import { actingAgency } from '../../directory/acting-agency.ts'
import { recipientName } from '../../domain/addressed.ts'
import { deliveryKey } from '../../domain/identifiers.ts'
import { receivedDocument } from '../../receipts/own-documents.ts'
import { AddressedAs, presentAddressedAs } from '../schemas/addressed-as.ts'
import { DeliveryStateId, isoOrNull, Nullable, Timestamp } from '../schemas/common.ts'
import { ProcessingStatus, RequestStateSchema } from '../schemas/delivery-facts.ts'
import { DOCUMENT_FACTS, presentDocument } from '../schemas/document-facts.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ActingQuery, DeliveryParams, type Operation, TAGS } from './operation.ts'

const ReceivedFacts = Type.Object({
  ...DOCUMENT_FACTS,
  deliveryId: Type.String(),
  recipient: Type.String(),
  recipientName: Type.String(),
  addressedAs: AddressedAs,
  number: Nullable(Type.Integer()),
  state: DeliveryStateId,
  handedOverAt: Nullable(Timestamp),
  acknowledgedAt: Nullable(Timestamp),
  processingStatus: ProcessingStatus,
  requestState: RequestStateSchema,
})

export const getInboxItem: Operation = (app, { context }) => {
  app.get(
    '/inbox/:deliveryId',
    {
      schema: {
        operationId: 'getInboxItem',
        tags: [TAGS.inbox],
        summary: 'The facts of an item; looking at them is not yet taking it',
        params: DeliveryParams,
        querystring: ActingQuery,
        response: {
          200: ReceivedFacts,
          ...problemResponses('not-found', 'delivery-withdrawn', 'delegation-missing'),
        },
      },
    },
    async ({ caller, params, query }) => {
      const agency = await actingAgency(context, caller, query.agency)
      const { delivery, document } = await receivedDocument(
        context.pool,
        agency,
        deliveryKey(params.deliveryId),
      )
      return {
        ...presentDocument(document),
        deliveryId: delivery.key,
        recipient: delivery.recipient,
        recipientName: recipientName(delivery.recipient, delivery.route.addressed),
        ...presentAddressedAs(delivery.recipient, delivery.route.addressed),
        number: delivery.inboxNumber,
        state: delivery.state,
        handedOverAt: isoOrNull(delivery.handedOverAt),
        acknowledgedAt: isoOrNull(delivery.acknowledgedAt),
        processingStatus: delivery.processingStatus,
        requestState: delivery.requestState,
      }
    },
  )
}
