import { Type } from 'typebox'
import { endDelegation as end } from '../../directory/delegations.ts'
import type { Operation } from '../operation.ts'
import { Uuid } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'

export const endDelegation: Operation = (app, { pool }) => {
  app.delete(
    '/delegations/:id',
    {
      schema: {
        operationId: 'endDelegation',
        summary: 'End a delegation today',
        tags: ['delegations'],
        params: Type.Object({ id: Uuid }),
        response: { 204: Type.Null(), ...problemResponses('not-found') },
      },
    },
    async ({ params, caller }, reply) => {
      await end(pool, caller, params.id)
      return reply.status(204).send(null)
    },
  )
}
