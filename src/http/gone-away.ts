import type { FastifyReply } from 'fastify'

/** Aborted when the caller closes the connection, or has its answer: nobody is there to wait for. */
export function goneAway(reply: Pick<FastifyReply, 'raw'>): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}
