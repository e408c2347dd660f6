import { removeSecrets as remove } from '../../directory/clients.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ClientParam, ClientSchema } from './client-schemas.ts'
import { clientDetail } from './get-client.ts'

export const removeSecrets: Operation = (app, { pool }) => {
  app.delete(
    '/clients/:clientId/secret',
    {
      schema: {
        operationId: 'removeSecrets',
        summary: 'Take every secret from a client: it proves itself by its keys from now on',
        tags: ['clients'],
        params: ClientParam,
        response: { 200: ClientSchema, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params, caller }) => {
      await remove(pool, params.clientId, caller.clientId)
      return clientDetail(pool, params.clientId)
    },
  )
}
