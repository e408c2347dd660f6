import { Type } from 'typebox'
import { removeEndpoint } from '../../directory/endpoints.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { CodeParam } from './agency-schemas.ts'
import { agencyNamed } from './endpoint-schemas.ts'

export const deleteEndpoint: Operation = (app, { pool }) => {
  app.delete(
    '/agencies/:code/endpoint',
    {
      schema: {
        operationId: 'deleteEndpoint',
        summary: 'Put an agency back to its mailbox; a pause outlives this',
        tags: ['endpoints'],
        params: CodeParam,
        response: { 204: Type.Null(), ...problemResponses('not-found') },
      },
    },
    async ({ params, caller }, reply) => {
      await removeEndpoint(pool, caller.clientId, await agencyNamed(pool, params.code))
      return reply.status(204).send(null)
    },
  )
}
