import type { FastifyBaseLogger } from 'fastify'
import { Type } from 'typebox'
import { listTiers } from '../../db/agencies.ts'
import { listPolls } from '../../db/axis-polls.ts'
import { recentFailures } from '../../db/failures.ts'
import { readGauges } from '../../db/gauges.ts'
import { databaseNow } from '../../db/now.ts'
import { secondsWithoutTimestamp } from '../../db/seal-dues.ts'
import { readServerSettings } from '../../db/server-settings.ts'
import type { QueueProbe } from '../../delivery/queue-probe.ts'
import type { RegistryHolder } from '../../directory/snapshot/holder.ts'
import { PROBLEMS } from '../../domain/problem.ts'
import type { SealLevel } from '../../domain/seal-level.ts'
import type { Operation } from '../operation.ts'
import { toGatewayError } from '../problem.ts'
import { ChannelIdSchema, DateTime, DeliveryStateId, Nullable, Text } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ExchangesHealth, exchangesHealth } from './exchange-health.ts'

const FAILURE_WINDOW_SECONDS = 3_600
const MOST_CAUSES = 50

const Health = Type.Object({
  at: DateTime,
  deliveries: Type.Array(Type.Object({ tier: Type.String(), state: DeliveryStateId, count: Type.Integer() })),
  oldestWaiting: Type.Array(Type.Object({ tier: Type.String(), seconds: Type.Number() })),
  outboxLength: Type.Integer({ description: 'Deliveries that the queue has still to be told of' }),
  notTaken: Type.Integer({
    description:
      'Deliveries that wait because they broke their worker each time it took them, several times in a row; the log of the worker names the cause',
  }),
  timestamps: Type.Object({
    level: Type.Enum(['B-B', 'B-T', 'B-LT'], {
      description:
        'What seals are lifted to: `B-B` where there is no time-stamping authority, `B-T` where nobody may be asked about certificates',
    }),
    waiting: Type.Array(Type.Object({ level: Type.String(), count: Type.Integer() }), {
      description: 'Seals that want a level',
    }),
    secondsWithout: Nullable(
      Type.Number({
        description: 'Since when timestamps are owed and none was had; null where none is owed',
      }),
    ),
    graceSeconds: Type.Integer({ description: 'After so many seconds without, nothing more is taken' }),
  }),
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
  queue: Type.Object({
    kind: Type.Enum(['redis', 'postgres'], { description: 'Where the queue stands' }),
    state: Type.Enum(['up', 'down'], { description: 'Down where it does not answer within two seconds' }),
    depths: Type.Array(Type.Object({ tier: Type.String(), depth: Type.Integer() }), {
      description:
        'Jobs of each tier that wait or are being worked on; none is told of a queue that is down. Documents are accepted all the same, and go on when it is back.',
    }),
  }),
  postgres: Type.Record(Type.String(), Type.String(), { description: 'Settings of the server' }),
  directory: Type.Object(
    {
      revision: Type.Integer({ description: 'Revision of the directory' }),
      routingRevision: Type.Integer({
        description: 'Revision of the routing table that this process knows last',
      }),
      ageSeconds: Type.Number({
        description: 'Since when this process has not seen that it knows all; above two something is wrong',
      }),
    },
    { description: 'What this process decides from' },
  ),
  exchanges: ExchangesHealth,
  blobStore: Type.Object({
    writable: Type.Boolean(),
    problem: Nullable(Text),
    damaged: Type.Integer({
      description:
        'Stored blobs that were found damaged and are not whole again; `tram verify-store` names them',
    }),
  }),
})

export const getHealth: Operation = (app, context) => {
  const { pool, registry, blobs, queueProbe, config, asksRevocation, connectors } = context
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
    async ({ log }) => {
      const [at, gauges, failures, queue, postgres, secondsWithout, polls, problem] = await Promise.all([
        databaseNow(pool),
        readGauges(pool),
        recentFailures(pool, FAILURE_WINDOW_SECONDS, MOST_CAUSES),
        lookAtQueue(queueProbe, await listTiers(pool), log),
        readServerSettings(pool),
        secondsWithoutTimestamp(pool),
        listPolls(pool),
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
        notTaken: gauges.notTaken,
        timestamps: {
          level: sealLevel(config.stamping.urls.length > 0, asksRevocation()),
          waiting: gauges.seals.waiting.map(({ wants, count }) => ({ level: wants, count })),
          secondsWithout,
          graceSeconds: config.stamping.graceSeconds,
        },
        failures,
        queue,
        postgres: { ...postgres },
        directory: directoryState(registry),
        exchanges: exchangesHealth(connectors, polls, gauges.abroad),
        blobStore: { writable: problem === null, problem, damaged: gauges.damagedBlobs },
      }
    },
  )
}

const directoryState = (registry: RegistryHolder) => {
  const { directory, tables } = registry.current()
  return {
    revision: directory.revision,
    routingRevision: Math.max(0, ...tables.map(({ revision }) => revision)),
    ageSeconds: registry.ageSeconds(),
  }
}

const sealLevel = (hasAuthority: boolean, asksRevocation: boolean): Exclude<SealLevel, 'B-LTA'> => {
  if (!hasAuthority) return 'B-B'
  return asksRevocation ? 'B-LT' : 'B-T'
}

/** Never throws: what else is known is wanted most when the queue is away. */
async function lookAtQueue(probe: QueueProbe, tiers: readonly string[], log: FastifyBaseLogger) {
  const { kind } = probe
  try {
    return { kind, state: 'up' as const, depths: await probe.depths(tiers) }
  } catch (error) {
    log.warn({ err: error }, 'the queue does not answer')
    return { kind, state: 'down' as const, depths: [] }
  }
}
