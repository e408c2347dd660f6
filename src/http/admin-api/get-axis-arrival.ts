import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ArrivalParam, ArrivalSchema, arrivalDetail } from './axis-arrival-schemas.ts'

export const getAxisArrival: Operation = (app, { pool }) => {
  app.get(
    '/axis-arrivals/:id',
    {
      schema: {
        operationId: 'getAxisArrival',
        summary: 'Get one packet that another exchange holds or held for this gateway',
        tags: ['axis-arrivals'],
        params: ArrivalParam,
        response: { 200: ArrivalSchema, ...problemResponses('not-found') },
      },
    },
    async ({ params }) => arrivalDetail(pool, params.id),
  )
}
