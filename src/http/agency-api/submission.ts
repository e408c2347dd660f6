import type { FastifyReply, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import { type Static, type TSchema, Type } from 'typebox'
import { GatewayError } from '../../domain/problem.ts'
import { acceptHeader, acceptUpload, type Sender } from '../../intake/compose-document.ts'
import type { DocumentHeader } from '../../intake/document-header.ts'
import type { AcceptedDocument } from '../../intake/submission.ts'
import { intakeFor } from '../admit.ts'
import { type Acceptance, AcceptanceSchema, presentAcceptance } from '../schemas/acceptance.ts'
import { problemResponses } from '../schemas/problem.ts'
import { validatorCompiler } from '../validator.ts'
import { formParts } from './form-parts.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import type { DoorApp, Surroundings } from './operation.ts'
import { jsonReader, parseJson, streamedBody } from './read-body.ts'

/** Bodies that are read by the handler are described, not checked: they are streams. */
export const describeBodyOnly: FastifySchemaCompiler<TSchema> = (route) =>
  route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route)

const file = Type.String({ format: 'binary' })

export const jsonAndForm = (header: TSchema, parts: Record<string, TSchema> = {}) => ({
  'application/json': { schema: header },
  'multipart/form-data': {
    schema: Type.Object({
      header: Type.Optional(header),
      file: Type.Optional(Type.Array(file, { description: 'Each with its filename and Content-Type' })),
      ...parts,
    }),
  },
})

export const PACKET_BODIES = {
  'application/xml': { schema: file },
  'application/edxml+xml': { schema: file },
  'application/octet-stream': { schema: file },
}

export const acceptanceResponses = (schema: TSchema = AcceptanceSchema) => ({
  201: schema,
  200: { ...schema, description: 'This had been accepted before: the first answer again' },
  ...problemResponses(
    'packet-malformed',
    'packet-refused',
    'packet-invalid',
    'recipients-unresolvable',
    'signature-invalid',
    'state-secret',
    'sender-mismatch',
    'document-id-conflict',
    'idempotency-key-reused',
    'target-unknown',
    'target-not-yours',
    'payload-too-large',
    'media-type-unsupported',
    'storage-unavailable',
    'storage-full',
    'storage-quota-exceeded',
    'overloaded',
  ),
})

/** Who sends, and under which key he may send again. @throws GatewayError `request-invalid` */
export const senderOf = (request: FastifyRequest): Sender => ({
  caller: request.caller,
  idempotencyKey: readIdempotencyKey(request),
})

/** Answers 201 where something new was accepted, 200 with `Idempotency-Replayed` where it had been before. */
export function acceptedReply(app: DoorApp, reply: FastifyReply, accepted: AcceptedDocument): Acceptance {
  reply.code(accepted.replayed ? 200 : 201)
  reply.header('location', `${app.prefix}/documents/${accepted.claims.document}`)
  if (accepted.replayed) reply.header('idempotency-replayed', 'true')
  return presentAcceptance(accepted)
}

export const mediaTypeOf = ({ headers }: FastifyRequest): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()

/** Told before the first byte is read; where the length is not given, the limit is met while reading. */
export function refuseTooLong(request: FastifyRequest, { context }: Surroundings): void {
  const { packetBytes } = intakeFor(context, request).packetLimits
  const bytes = Number(request.headers['content-length'] ?? 0)
  if (bytes <= packetBytes) return
  const agency = request.caller.agency ?? request.caller.clientId
  throw new GatewayError('payload-too-large', {
    limit: { name: 'packetBytes', agency, quota: packetBytes, remaining: packetBytes },
    detail: { vi: `Giới hạn: ${packetBytes} byte.`, en: `The limit: ${packetBytes} bytes.` },
  })
}

/** How a header comes: as JSON alone, or with files in a form. */
export interface HeaderForm<S extends TSchema> {
  readonly schema: S
  readonly takesEnvelope: boolean
}

/** Takes a header, alone or in a form, and what goes with it. */
export function headerAcceptor<S extends TSchema>({ schema, takesEnvelope }: HeaderForm<S>) {
  const readBody = jsonReader(schema, 'body')
  const readPart = jsonReader(schema, 'header')
  return async (
    request: FastifyRequest,
    { context }: Surroundings,
    complete: (header: Static<S>) => DocumentHeader | Promise<DocumentHeader>,
  ): Promise<AcceptedDocument> => {
    const sender = senderOf(request)
    const intake = intakeFor(context, request)
    switch (mediaTypeOf(request)) {
      case 'application/json':
        return acceptHeader(intake, sender, await complete(readBody(request.body)))
      case 'multipart/form-data': {
        const parts = formParts(streamedBody(request), request.headers['content-type'] ?? '')
        const readHeader = async (json: string) => complete(readPart(parseJson(json, 'header')))
        return acceptUpload(intake, sender, parts, { takesEnvelope, readHeader })
      }
      default:
        throw new GatewayError('media-type-unsupported')
    }
  }
}
