import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../domain/problem.ts'

/** Whether this process was told to stop. It goes on serving for a while, so that everybody learns to ask another. */
export interface Stopping {
  begun: boolean
}

/**
 * From when a stop has begun each connection is closed after its answer: its next request goes to another process, and
 * kept alive it would hold the stop up for longer than a minute. Once the server closes, what still comes over an open
 * connection is refused.
 */
export function refuseWhileClosing(app: FastifyInstance, stopping: Stopping): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onRequest', (_request, _reply, done) => {
    if (closing) done(new GatewayError('shutting-down', { retryAfter: 1 }))
    else done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing || stopping.begun) reply.header('connection', 'close')
    done(null, payload)
  })
}
