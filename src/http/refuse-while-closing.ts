import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../domain/problem.ts'

/**
 * A connection that is still open while the server stops learns that another server will take its next request, and is
 * closed after its answer: kept alive, it would hold the stop up for longer than a minute.
 */
export function refuseWhileClosing(app: FastifyInstance): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onRequest', async () => {
    if (closing) throw new GatewayError('shutting-down', { retryAfter: 1 })
  })
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close')
  })
}
