import type { FastifyReply } from 'fastify'
import { onceOver } from './once-over.ts'

// Made once: the stack of each would cost more than all else here.
const GONE = new Error('the caller has gone')

/** Aborted when the caller closes the connection, or has its answer: nobody is there to wait for. */
export function goneAway({ raw }: Pick<FastifyReply, 'raw'>): AbortSignal {
  if (raw.closed || raw.destroyed) return AbortSignal.abort(GONE)
  const gone = new AbortController()
  onceOver(raw, () => gone.abort(GONE))
  return gone.signal
}
