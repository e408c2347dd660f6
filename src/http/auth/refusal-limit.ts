import { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../../domain/problem.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a request that is about to be refused. @throws GatewayError `rate-limited` in place of one too many */
    countRefusal(request: FastifyRequest): Promise<void>
  }
}

const MINUTE_MS = 60_000
/** Refusals of one address in one minute at most. */
const REFUSALS_PER_MINUTE = 600

/**
 * Limits what an address (IPv6: a /64) may ask for without a good token, which no client's limit counts: bad tokens,
 * unknown paths, wrong methods. Only refusals are counted and held back, and tokens are read first, which needs no
 * database: behind a proxy all clients come from one address, and none may be shut out by its neighbour.
 */
export function limitRefusals(app: FastifyInstance, rateLimit: number): void {
  const count = app.createRateLimit({
    max: Math.min(rateLimit, REFUSALS_PER_MINUTE),
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => normalizeIP(request.ip),
  })
  app.decorate('countRefusal', async (request) => {
    const counted = await count(request)
    if (!counted.isAllowed && counted.isExceeded)
      throw new GatewayError('rate-limited', { retryAfter: Math.max(1, counted.ttlInSeconds) })
  })
}
