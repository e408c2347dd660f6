import { Type } from 'typebox'
import { createAxisSystem as create } from '../../directory/axis-systems.ts'
import { DEFAULT_CLOCK_TOLERANCE_SECONDS } from '../../domain/axis/axis-system.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import type { Operation } from '../operation.ts'
import { Code, Line } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AxisSystemDetail, noAxisSecrets, SETTINGS, servedOf, systemDetail } from './axis-system-schemas.ts'
import { ClientId } from './client-schemas.ts'

const NewSystem = Type.Object(
  {
    systemId: ClientId,
    name: Line(200),
    agency: Code,
    serves: Type.Optional(SETTINGS.serves),
    rights: Type.Optional(SETTINGS.rights),
    networks: Type.Optional(SETTINGS.networks),
    certificateSha256: Type.Optional(SETTINGS.certificateSha256),
    clockToleranceSeconds: Type.Optional(SETTINGS.clockToleranceSeconds),
  },
  { additionalProperties: false },
)

const Created = Type.Object({
  system: AxisSystemDetail,
  secret: Type.String({ description: 'Shown this once: it is kept sealed / chỉ hiện một lần' }),
})

export const createAxisSystem: Operation = (app, { pool, axisSystems }) => {
  app.post(
    '/axis-systems',
    {
      schema: {
        operationId: 'createAxisSystem',
        summary: 'Add a system that calls as it calls the national axis; its secret is shown this once',
        description:
          'Rights, and everybody beneath an agency, are proposed: a second administrator confirms them. ' +
          'Quyền và phạm vi cả nhánh chỉ có hiệu lực khi người quản trị thứ hai xác nhận.',
        tags: ['axis systems'],
        body: NewSystem,
        response: { 201: Created, ...problemResponses('already-exists', 'delivery-state-conflict') },
      },
    },
    async ({ body, caller }, reply) => {
      if (axisSystems === null) throw noAxisSecrets()
      const { systemId, name } = body
      const agency = agencyCode(body.agency)
      const system = {
        systemId,
        name,
        agency,
        serves: servedOf(body.serves ?? [{ code: agency }]),
        rights: body.rights ?? [],
        networks: body.networks ?? [],
        certificateSha256: body.certificateSha256 ?? null,
        clockToleranceSeconds: body.clockToleranceSeconds ?? DEFAULT_CLOCK_TOLERANCE_SECONDS,
      }
      const { secret } = await create(pool, axisSystems.box, system, caller.clientId)
      return reply
        .status(201)
        .header('cache-control', 'no-store')
        .send({ system: await systemDetail(pool, systemId), secret })
    },
  )
}
