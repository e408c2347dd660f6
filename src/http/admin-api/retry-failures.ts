import { Type } from 'typebox'
import { retryCause } from '../../delivery/retry-cause.ts'
import type { Operation } from '../operation.ts'
import { ChannelIdSchema, Code, Uuid } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'

const Body = Type.Object(
  {
    cause: Type.String({ minLength: 1, maxLength: 100, description: 'As `listFailures` has it' }),
    channel: Type.Optional(ChannelIdSchema),
    recipient: Type.Optional(Code),
    document: Type.Optional(Uuid),
  },
  { additionalProperties: false },
)

export const retryFailures: Operation = (app, { pool }) => {
  app.post(
    '/failures/retry',
    {
      schema: {
        operationId: 'retryFailures',
        summary: 'Let all deliveries that failed for one cause begin anew',
        description: 'Up to 20,000 at a time: `more` tells that the same call goes on.',
        tags: ['deliveries'],
        body: Body,
        response: {
          200: Type.Object({ retried: Type.Integer(), more: Type.Boolean() }),
          ...problemResponses(),
        },
      },
    },
    ({ body, caller }) => retryCause(pool, caller, body),
  )
}
