import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { actingAgency } from '../../directory/acting-agency.ts'
import { documentKey } from '../../domain/identifiers.ts'
import { attachmentContent, containerContent, packetContent } from '../../receipts/document-content.ts'
import { sentDocument } from '../../receipts/own-documents.ts'
import { problemResponses } from '../schemas/problem.ts'
import {
  ActingQuery,
  DocumentAttachmentParams,
  DocumentParams,
  type Operation,
  type Surroundings,
  TAGS,
} from './operation.ts'
import { bytesResponse, sendContent } from './send-content.ts'

const problems = problemResponses('not-found', 'delegation-missing', 'content-damaged', 'storage-unavailable')

type Asked = Pick<FastifyRequest, 'caller'> & {
  readonly params: Static<typeof DocumentParams>
  readonly query: Static<typeof ActingQuery>
}

async function ownDocument({ context }: Surroundings, { caller, params, query }: Asked) {
  const agency = await actingAgency(context, caller, query.agency)
  return sentDocument(context, agency, documentKey(params.documentId))
}

export const getDocumentPacket: Operation = (app, surroundings) => {
  app.get(
    '/documents/:documentId/packet',
    {
      schema: {
        operationId: 'getDocumentPacket',
        tags: [TAGS.documents],
        summary: 'The packet of a sent document, byte for byte as received',
        params: DocumentParams,
        querystring: ActingQuery,
        response: { 200: bytesResponse('application/xml', 'edXML; ETag is its SHA-256'), ...problems },
      },
    },
    async (request, reply) => {
      const document = await ownDocument(surroundings, request)
      return sendContent(reply, await packetContent(surroundings.context, document))
    },
  )
}

export const getDocumentAttachment: Operation = (app, surroundings) => {
  app.get(
    '/documents/:documentId/attachments/:number',
    {
      schema: {
        operationId: 'getDocumentAttachment',
        tags: [TAGS.documents],
        summary: 'One attachment of a sent document',
        params: DocumentAttachmentParams,
        querystring: ActingQuery,
        response: { 200: bytesResponse('application/octet-stream', 'The decoded content'), ...problems },
      },
    },
    async (request, reply) => {
      const document = await ownDocument(surroundings, request)
      return sendContent(
        reply,
        await attachmentContent(surroundings.context, document, request.params.number),
      )
    },
  )
}

export const getDocumentContainer: Operation = (app, surroundings) => {
  app.get(
    '/documents/:documentId/asice',
    {
      schema: {
        operationId: 'getDocumentContainer',
        tags: [TAGS.documents],
        summary: "The evidence: an ASiC-E container with packet, attachments and the gateway's seal",
        params: DocumentParams,
        querystring: ActingQuery,
        response: {
          200: bytesResponse('application/vnd.etsi.asic-e+zip', 'ETSI EN 319 162-1'),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const document = await ownDocument(surroundings, request)
      return sendContent(reply, await containerContent(surroundings.context, document))
    },
  )
}

export const getDocumentReceipt: Operation = (app, surroundings) => {
  app.get(
    '/documents/:documentId/receipt',
    {
      schema: {
        operationId: 'getDocumentReceipt',
        tags: [TAGS.documents],
        summary: 'The sealed acceptance receipt, a compact JWS (RFC 7515)',
        params: DocumentParams,
        querystring: ActingQuery,
        response: {
          200: { description: 'JWS', content: { 'application/jose': { schema: Type.String() } } },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { receipt } = await ownDocument(surroundings, request)
      return reply.header('content-type', 'application/jose').send(receipt)
    },
  )
}
