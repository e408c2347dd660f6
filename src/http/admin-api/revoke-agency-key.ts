import { Type } from 'typebox'
import { revokeKey } from '../../sealing/register-key.ts'
import type { Operation } from '../operation.ts'
import { Uuid } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'

export const revokeAgencyKey: Operation = (app, { pool }) => {
  app.delete(
    '/agency-keys/:keyId',
    {
      schema: {
        operationId: 'revokeAgencyKey',
        summary:
          'Take a seal key out of use for good and forget its private key; what it sealed stays sealed',
        tags: ['agency keys'],
        params: Type.Object({ keyId: Uuid }),
        response: { 204: Type.Null({ description: 'Out of use' }), ...problemResponses('not-found') },
      },
    },
    async ({ params, caller }, reply) => {
      await revokeKey(pool, params.keyId, caller.clientId)
      return reply.code(204).send(null)
    },
  )
}
