import { findClient } from '../../db/clients.ts'
import type { Pool } from '../../db/pool.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ClientParam, ClientSchema, presentClient } from './client-schemas.ts'

export const getClient: Operation = (app, { pool }) => {
  app.get(
    '/clients/:clientId',
    {
      schema: {
        operationId: 'getClient',
        summary: 'Get a client',
        tags: ['clients'],
        params: ClientParam,
        response: { 200: ClientSchema, ...problemResponses('not-found') },
      },
    },
    async ({ params }) => clientDetail(pool, params.clientId),
  )
}

/** @throws GatewayError `not-found` */
export async function clientDetail(pool: Pool, clientId: string) {
  const client = await findClient(pool, clientId)
  if (client === undefined) throw new GatewayError('not-found')
  return presentClient(client)
}
