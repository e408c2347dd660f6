import { Type } from 'typebox'
import { listFailureCauses } from '../../db/failure-causes.ts'
import type { Operation } from '../operation.ts'
import { ChannelIdSchema, Code, DateTime, Nullable, Text, Tier, Uuid } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'

const MOST_CAUSES = 200

const Query = Type.Object(
  {
    state: Type.Optional(
      Type.Enum(['failed', 'waiting'], {
        description:
          '`failed`, as where left out: given up. `waiting`: after a failure, for the next attempt',
      }),
    ),
    tier: Type.Optional(Tier),
    recipient: Type.Optional(Code),
    sender: Type.Optional(Code),
    document: Type.Optional(Uuid),
  },
  { additionalProperties: false },
)

const Cause = Type.Object({
  channel: ChannelIdSchema,
  cause: Type.String({ description: 'Code of the reason' }),
  explanation: Nullable(Text),
  deliveries: Type.Integer(),
  documents: Type.Integer(),
  recipients: Type.Integer(),
  firstAt: DateTime,
  lastAt: DateTime,
  sample: Type.String({ description: 'One of the deliveries: the one that was accepted last' }),
})

export const listFailures: Operation = (app, { pool }) => {
  app.get(
    '/failures',
    {
      schema: {
        operationId: 'listFailures',
        summary: 'See failed deliveries as one failure for each cause, with how many it touches and a sample',
        description:
          'A document that no recipient can be given, or an endpoint that fails for all, is one line here. `retryFailures` lets those of one cause begin anew.',
        tags: ['deliveries'],
        querystring: Query,
        response: { 200: Type.Object({ items: Type.Array(Cause) }), ...problemResponses() },
      },
    },
    async ({ query: { state = 'failed', ...filter } }) => ({
      items: await listFailureCauses(pool, state, filter, MOST_CAUSES),
    }),
  )
}
