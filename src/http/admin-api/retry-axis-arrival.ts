import { retryArrival } from '../../connector/retry-arrival.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ArrivalParam, ArrivalSchema, arrivalDetail } from './axis-arrival-schemas.ts'

export const retryAxisArrival: Operation = (app, { pool }) => {
  app.post(
    '/axis-arrivals/:id/retry',
    {
      schema: {
        operationId: 'retryAxisArrival',
        summary: 'Let a packet of another exchange that was refused begin anew',
        tags: ['axis-arrivals'],
        params: ArrivalParam,
        response: { 200: ArrivalSchema, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params, caller }) => {
      await retryArrival(pool, caller, params.id)
      return arrivalDetail(pool, params.id)
    },
  )
}
