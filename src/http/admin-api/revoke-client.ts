import { revokeClient as revoke } from '../../directory/clients.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ClientParam, ClientSchema } from './client-schemas.ts'
import { clientDetail } from './get-client.ts'

export const revokeClient: Operation = (app, { pool }) => {
  app.post(
    '/clients/:clientId/revoke',
    {
      schema: {
        operationId: 'revokeClient',
        summary: 'Revoke a client for good: within 5 seconds no door lets it in',
        tags: ['clients'],
        params: ClientParam,
        response: { 200: ClientSchema, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params, caller }) => {
      await revoke(pool, params.clientId, caller.clientId)
      return clientDetail(pool, params.clientId)
    },
  )
}
