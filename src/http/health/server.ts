import { type FastifyBaseLogger, fastify, LogController } from 'fastify'
import type { WorkerContext } from '../../context.ts'
import { GatewayError } from '../../domain/problem.ts'
import { replyWithProblem } from '../problem.ts'
import { registerConnectorGauges } from './connector-gauges.ts'
import { createMetrics } from './metrics.ts'
import { blobsCheck, databaseCheck, type ReadinessCheck, registryCheck } from './readiness.ts'
import { registerHealth } from './register.ts'

export interface HealthServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves the health and the metrics of a worker on a port of their own. It is ready while the database answers, the blob
 * store can be used, which seals and packets for other exchanges need, and `isConsuming` says that work which waits is
 * being consumed.
 */
export async function startHealthServer(
  context: WorkerContext,
  isConsuming: () => boolean,
): Promise<HealthServer> {
  const { config, pool, registry: directory, blobs, log } = context
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024,
    requestTimeout: 10_000,
  })
  const consumption: ReadinessCheck = {
    name: 'consumption',
    check: async () => (isConsuming() ? null : 'work waits and is not done'),
  }
  const { registry } = createMetrics(pool, (error) =>
    log.warn({ err: error }, 'the gauges could not be read'),
  )
  registerConnectorGauges(registry, context)
  app.setErrorHandler(replyWithProblem)
  app.setNotFoundHandler(() => {
    throw new GatewayError('not-found')
  })
  registerHealth(app, {
    checks: [databaseCheck(pool, config.mode), registryCheck(directory), blobsCheck(blobs), consumption],
    registry,
  })
  const url = await app.listen({ host: config.worker.host, port: config.worker.port })
  return { url, close: () => app.close() }
}
