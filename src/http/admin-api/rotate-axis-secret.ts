import { Type } from 'typebox'
import { databaseNow } from '../../db/now.ts'
import { rotateAxisSecret as rotate } from '../../directory/axis-systems.ts'
import type { Operation } from '../operation.ts'
import { DateTime } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { noAxisSecrets, SystemParam } from './axis-system-schemas.ts'

const MONTH_SECONDS = 31 * 86_400

const Body = Type.Object(
  {
    graceSeconds: Type.Integer({
      minimum: 0,
      maximum: MONTH_SECONDS,
      description: 'How long the secrets of before still work, so that the system can change over',
    }),
  },
  { additionalProperties: false },
)

const Rotated = Type.Object({
  secret: Type.String({ description: 'Shown this once: it is kept sealed / chỉ hiện một lần' }),
  oldValidUntil: DateTime,
})

export const rotateAxisSecret: Operation = (app, { pool, axisSystems }) => {
  app.post(
    '/axis-systems/:systemId/secret',
    {
      schema: {
        operationId: 'rotateAxisSecret',
        summary: 'Give a system a new secret, shown this once',
        tags: ['axis systems'],
        params: SystemParam,
        body: Body,
        response: { 200: Rotated, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params: { systemId }, body, caller }, reply) => {
      if (axisSystems === null) throw noAxisSecrets()
      const now = await databaseNow(pool)
      const oldValidUntil = new Date(now.getTime() + body.graceSeconds * 1_000)
      const { secret } = await rotate(pool, axisSystems.box, systemId, oldValidUntil, caller.clientId)
      return reply.header('cache-control', 'no-store').send({ secret, oldValidUntil })
    },
  )
}
