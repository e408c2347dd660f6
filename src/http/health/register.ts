import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { type Readiness, type ReadinessCheck, readinessOf } from './readiness.ts'

export interface HealthOptions {
  readonly checks: readonly ReadinessCheck[]
  readonly registry: Registry
  /** Told apart from the checks: nobody shall believe an earlier answer. */
  readonly isStopping?: () => boolean
}

/** `no-store`: an answer about now is worth nothing later. */
const FRESH = 'no-store'
const STOPPING: Readiness = { status: 'not-ready', checks: [{ name: 'stopping', state: 'down' }] }
/** Seconds after which a process that is not ready may be worth another look. */
const RETRY_AFTER = '1'
const unlimited = { config: { rateLimit: false } } as const

/**
 * Adds `/livez` (the process answers), `/readyz` (200 where every check is up, 503 otherwise, each named with its
 * state) and `/metrics` (Prometheus text). Open to everybody who reaches the port.
 */
export function registerHealth(
  app: FastifyInstance,
  { checks, registry, isStopping = () => false }: HealthOptions,
): void {
  const readiness = readinessOf(checks, app.log)
  app.get('/livez', unlimited, (_request, reply) =>
    reply.header('cache-control', FRESH).send({ status: 'live' }),
  )
  app.get('/readyz', unlimited, async (_request, reply) => {
    const state = isStopping() ? STOPPING : await readiness()
    if (state.status !== 'ready') reply.status(503).header('retry-after', RETRY_AFTER)
    return reply.header('cache-control', FRESH).send(state)
  })
  app.get('/metrics', unlimited, async (_request, reply) =>
    reply
      .type(registry.contentType)
      .header('cache-control', FRESH)
      .send(await registry.metrics()),
  )
}
