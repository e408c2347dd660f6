import { Type } from 'typebox'
import { recentFailures } from '../../db/failures.ts'
import { readGauges } from '../../db/gauges.ts'
import { databaseNow } from '../../db/now.ts'
import { readServerSettings } from '../../db/server-settings.ts'
import { PROBLEMS } from '../../domain/problem.ts'
import type { Operation } from '../operation.ts'
import { toGatewayError } from '../problem.ts'
import { ChannelIdSchema, DateTime, DeliveryStateId, Nullable, Text } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'

const FAILURE_WINDOW_SECONDS = 3_600
const MOST_CAUSES = 50

const Health = Type.Object({
  at: DateTime,
  deliveries: Type.Array(Type.Object({ tier: Type.String(), state: DeliveryStateId, count: Type.Integer() })),
  oldestWaiting: Type.Array(Type.Object({ tier: Type.String(), seconds: Type.Number() })),
  outboxLength: Type.Integer({ description: 'Deliveries that the queue has still to be told of' }),
  failures: Type.Array(
    Type.Object({
      channel: ChannelIdSchema,
      cause: Type.String(),
      attempts: Type.Integer(),
      recipients: Type.Integer(),
      lastAt: DateTime,
    }),
    { description: 'Failed attempts of the last hour, by cause' },
  ),
  postgres: Type.Record(Type.String(), Type.String(), { description: 'Settings of the server' }),
  blobStore: Type.Object({
    writable: Type.Boolean(),
    problem: Nullable(Text),
  }),
})

export const getHealth: Operation = (app, { pool, blobs }) => {
  app.get(
    '/health',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'See how much waits where, what fails and why, and how the dependencies stand',
        description: 'Counts every delivery: ask once a minute, and `/metrics` for anything more often.',
        tags: ['health'],
        response: { 200: Health, ...problemResponses() },
      },
    },
    async () => {
      const [at, gauges, failures, postgres, problem] = await Promise.all([
        databaseNow(pool),
        readGauges(pool),
        recentFailures(pool, FAILURE_WINDOW_SECONDS, MOST_CAUSES),
        readServerSettings(pool),
        blobs.probe().then(
          () => null,
          (error: unknown) => PROBLEMS[toGatewayError(error).code].title,
        ),
      ])
      return {
        at,
        deliveries: [...gauges.deliveries],
        oldestWaiting: [...gauges.oldestWaiting],
        outboxLength: gauges.outboxLength,
        failures,
        postgres: { ...postgres },
        blobStore: { writable: problem === null, problem },
      }
    },
  )
}
