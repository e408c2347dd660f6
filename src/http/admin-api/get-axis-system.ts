import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AxisSystemDetail, SystemParam, systemDetail } from './axis-system-schemas.ts'

export const getAxisSystem: Operation = (app, { pool }) => {
  app.get(
    '/axis-systems/:systemId',
    {
      schema: {
        operationId: 'getAxisSystem',
        summary: 'Get a system of the axis interface; never its secrets',
        tags: ['axis systems'],
        params: SystemParam,
        response: { 200: AxisSystemDetail, ...problemResponses('not-found') },
      },
    },
    async ({ params }) => systemDetail(pool, params.systemId),
  )
}
