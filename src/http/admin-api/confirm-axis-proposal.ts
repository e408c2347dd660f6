import { Type } from 'typebox'
import { confirmAxisProposal as confirm } from '../../directory/axis-systems-confirm.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AxisSystemDetail, SystemParam, systemDetail } from './axis-system-schemas.ts'

const Body = Type.Object(
  { sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'proposal.sha256, as it was looked at' }) },
  { additionalProperties: false },
)

export const confirmAxisProposal: Operation = (app, { pool }) => {
  app.post(
    '/axis-systems/:systemId/confirm',
    {
      schema: {
        operationId: 'confirmAxisProposal',
        summary: 'Confirm what another administrator proposes for a system',
        description: 'Người quản trị thứ hai, độc lập với người đề nghị, xác nhận quyền và phạm vi cả nhánh.',
        tags: ['axis systems'],
        params: SystemParam,
        body: Body,
        response: {
          200: AxisSystemDetail,
          ...problemResponses('not-found', 'delivery-state-conflict', 'approval-refused'),
        },
      },
    },
    async ({ params: { systemId }, body, caller }) => {
      await confirm(pool, systemId, body.sha256, caller.clientId)
      return systemDetail(pool, systemId)
    },
  )
}
