import { Type } from 'typebox'
import { changeAxisSystem as change } from '../../directory/axis-systems.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AxisSystemDetail, SETTINGS, SystemParam, servedOf, systemDetail } from './axis-system-schemas.ts'

const Body = Type.Object(
  {
    serves: Type.Optional(SETTINGS.serves),
    rights: Type.Optional(SETTINGS.rights),
    networks: Type.Optional(SETTINGS.networks),
    certificateSha256: Type.Optional(SETTINGS.certificateSha256),
    clockToleranceSeconds: Type.Optional(SETTINGS.clockToleranceSeconds),
  },
  { additionalProperties: false, minProperties: 1 },
)

export const changeAxisSystem: Operation = (app, { pool }) => {
  app.patch(
    '/axis-systems/:systemId',
    {
      schema: {
        operationId: 'changeAxisSystem',
        summary: 'Change whom a system serves, its rights, networks, certificate or clock tolerance',
        description:
          'What is left out stays. What is taken away is gone at once; rights, everybody beneath an agency, and networks ' +
          'and certificate of a system that has such, are proposed in the place of what was proposed before: a second ' +
          'administrator confirms them. Whoever sends what is in force takes the proposal back. ' +
          'Thu hẹp có hiệu lực ngay; quyền, phạm vi cả nhánh, và mạng, chứng thư của hệ thống có quyền như vậy chờ ' +
          'người quản trị thứ hai xác nhận.',
        tags: ['axis systems'],
        params: SystemParam,
        body: Body,
        response: { 200: AxisSystemDetail, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params: { systemId }, body: { serves, ...others }, caller }) => {
      const wish = { ...others, ...(serves !== undefined && { serves: servedOf(serves) }) }
      await change(pool, systemId, wish, caller.clientId)
      return systemDetail(pool, systemId)
    },
  )
}
