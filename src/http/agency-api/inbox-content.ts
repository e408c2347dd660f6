import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Pool } from '../../db/pool.ts'
import { actingAgency } from '../../directory/acting-agency.ts'
import { type AgencyCode, type DeliveryKey, deliveryKey } from '../../domain/identifiers.ts'
import {
  attachmentContent,
  type Content,
  containerContent,
  packetContent,
} from '../../receipts/document-content.ts'
import { handOver } from '../../receipts/hand-over.ts'
import { documentInInbox, packetInInbox } from '../../receipts/own-documents.ts'
import { Uuid } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import {
  ACTING,
  DeliveryAttachmentParams,
  DeliveryParams,
  type Operation,
  type Surroundings,
  TAGS,
} from './operation.ts'
import { bytesResponse, sendContent } from './send-content.ts'

const FetchQuery = Type.Object(
  {
    ...ACTING,
    claimToken: Type.Optional({ ...Uuid, description: 'Needed while the item is claimed' }),
  },
  { additionalProperties: false },
)

const problems = problemResponses(
  'not-found',
  'delivery-withdrawn',
  'delivery-moved',
  'claim-conflict',
  'delegation-missing',
  'content-damaged',
  'storage-unavailable',
)

type Asked = Pick<FastifyRequest, 'caller'> & {
  readonly params: Static<typeof DeliveryParams>
  readonly query: Static<typeof FetchQuery>
}

/** First it is certain that the bytes are there, then the hand-over is on record, then the first byte leaves. */
async function fetch<D>(
  { context }: Surroundings,
  { caller, params, query }: Asked,
  reply: FastifyReply,
  find: (pool: Pool, agency: AgencyCode, key: DeliveryKey) => Promise<D>,
  contentOf: (document: D) => Promise<Content>,
): Promise<FastifyReply> {
  const agency = await actingAgency(context, caller, query.agency)
  const key = deliveryKey(params.deliveryId)
  const document = await find(context.pool, agency, key)
  const content = await contentOf(document)
  await handOver(context.pool, { caller, agency, delivery: key, claimToken: query.claimToken ?? null })
  return sendContent(reply, content)
}

const description =
  'Lấy văn bản: trục ghi nhận đã chuyển giao trước byte đầu tiên. From here on the sender can no longer take the ' +
  'document back without asking. Fetching again is fine.'

export const getInboxPacket: Operation = (app, surroundings) => {
  app.get(
    '/inbox/:deliveryId/packet',
    {
      // A HEAD would record a hand-over of nothing.
      exposeHeadRoute: false,
      schema: {
        operationId: 'getInboxPacket',
        tags: [TAGS.inbox],
        summary: 'Take the packet, byte for byte as its sender gave it',
        description,
        params: DeliveryParams,
        querystring: FetchQuery,
        response: { 200: bytesResponse('application/xml', 'edXML; ETag is its SHA-256'), ...problems },
      },
    },
    (request, reply) =>
      fetch(surroundings, request, reply, packetInInbox, (packet) =>
        packetContent(surroundings.context, packet),
      ),
  )
}

export const getInboxAttachment: Operation = (app, surroundings) => {
  app.get(
    '/inbox/:deliveryId/attachments/:number',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'getInboxAttachment',
        tags: [TAGS.inbox],
        summary: 'Take one attachment',
        description,
        params: DeliveryAttachmentParams,
        querystring: FetchQuery,
        response: { 200: bytesResponse('application/octet-stream', 'The decoded content'), ...problems },
      },
    },
    (request, reply) =>
      fetch(surroundings, request, reply, documentInInbox, (document) =>
        attachmentContent(surroundings.context, document, request.params.number),
      ),
  )
}

export const getInboxContainer: Operation = (app, surroundings) => {
  app.get(
    '/inbox/:deliveryId/asice',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'getInboxContainer',
        tags: [TAGS.inbox],
        summary: "Take the document with its evidence: an ASiC-E container with the gateway's seal",
        description,
        params: DeliveryParams,
        querystring: FetchQuery,
        response: {
          200: bytesResponse('application/vnd.etsi.asic-e+zip', 'ETSI EN 319 162-1'),
          ...problems,
        },
      },
    },
    (request, reply) =>
      fetch(surroundings, request, reply, documentInInbox, (document) =>
        containerContent(surroundings.context, document),
      ),
  )
}
