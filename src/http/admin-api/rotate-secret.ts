import { Type } from 'typebox'
import { databaseNow } from '../../db/now.ts'
import { rotateSecret as rotate } from '../../directory/clients.ts'
import type { Operation } from '../operation.ts'
import { DateTime } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ClientParam } from './client-schemas.ts'

const WEEK_SECONDS = 7 * 86_400

const Body = Type.Object(
  {
    graceSeconds: Type.Integer({
      minimum: 0,
      maximum: WEEK_SECONDS,
      description: 'How long the secrets of before still work, so that the client can change over',
    }),
  },
  { additionalProperties: false },
)

const Rotated = Type.Object({
  secret: Type.String({ description: 'Shown this once: only its digest is kept' }),
  oldValidUntil: DateTime,
})

export const rotateSecret: Operation = (app, { pool }) => {
  app.post(
    '/clients/:clientId/secret',
    {
      schema: {
        operationId: 'rotateSecret',
        summary: 'Give a client a new secret, shown this once',
        tags: ['clients'],
        params: ClientParam,
        body: Body,
        response: { 200: Rotated, ...problemResponses('not-found', 'delivery-state-conflict') },
      },
    },
    async ({ params, body, caller }, reply) => {
      const now = await databaseNow(pool)
      const oldValidUntil = new Date(now.getTime() + body.graceSeconds * 1_000)
      const { secret } = await rotate(pool, params.clientId, oldValidUntil, caller.clientId)
      return reply.header('cache-control', 'no-store').send({ secret, oldValidUntil })
    },
  )
}
