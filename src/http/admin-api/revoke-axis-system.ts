import { revokeAxisSystem as revoke } from '../../directory/axis-systems.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AxisSystemDetail, SystemParam, systemDetail } from './axis-system-schemas.ts'

export const revokeAxisSystem: Operation = (app, { pool }) => {
  app.post(
    '/axis-systems/:systemId/revoke',
    {
      schema: {
        operationId: 'revokeAxisSystem',
        summary: 'Revoke a system and its client for good: within 2 seconds it is refused',
        tags: ['axis systems'],
        params: SystemParam,
        response: { 200: AxisSystemDetail, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params: { systemId }, caller }) => {
      await revoke(pool, systemId, caller.clientId)
      return systemDetail(pool, systemId)
    },
  )
}
