import { Type } from 'typebox'
import { setKeys as set } from '../../directory/clients.ts'
import type { Operation } from '../operation.ts'
import { Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ClientParam, ClientSchema } from './client-schemas.ts'
import { clientDetail } from './get-client.ts'

const Body = Type.Object(
  {
    jwks: Nullable(
      Type.Object(
        { keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 10 }) },
        {
          // RFC 7517 §5: members that are not known are passed over.
          additionalProperties: true,
          description: 'A JWK Set of public keys (RFC 7517); null takes the keys away',
        },
      ),
    ),
  },
  { additionalProperties: false },
)

export const setKeys: Operation = (app, { pool }) => {
  app.put(
    '/clients/:clientId/keys',
    {
      schema: {
        operationId: 'setKeys',
        summary: 'Set the public keys with which a client signs its assertions',
        tags: ['clients'],
        params: ClientParam,
        body: Body,
        response: { 200: ClientSchema, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params, body, caller }) => {
      await set(pool, params.clientId, body.jwks, caller.clientId)
      return clientDetail(pool, params.clientId)
    },
  )
}
