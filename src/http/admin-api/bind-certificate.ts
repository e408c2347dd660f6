import { Type } from 'typebox'
import { bindCertificate as bind } from '../../directory/clients.ts'
import { sha256 } from '../../domain/identifiers.ts'
import type { Operation } from '../operation.ts'
import { Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ClientParam, ClientSchema } from './client-schemas.ts'
import { clientDetail } from './get-client.ts'

const Body = Type.Object(
  {
    certificateSha256: Nullable(
      Type.String({
        pattern: '^[0-9a-f]{64}$',
        description: 'SHA-256 of the DER of its TLS client certificate, lower-case hex; null unbinds it',
      }),
    ),
  },
  { additionalProperties: false },
)

export const bindCertificate: Operation = (app, { pool }) => {
  app.put(
    '/clients/:clientId/certificate',
    {
      schema: {
        operationId: 'bindCertificate',
        summary: 'Bind a client to a TLS client certificate: without it, no token is given (RFC 8705)',
        tags: ['clients'],
        params: ClientParam,
        body: Body,
        response: { 200: ClientSchema, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params, body, caller }) => {
      const certificate = body.certificateSha256 === null ? null : sha256(body.certificateSha256)
      await bind(pool, params.clientId, certificate, caller.clientId)
      return clientDetail(pool, params.clientId)
    },
  )
}
