import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** The whole request is here, and its answer has not begun: it is our turn, and a large packet may take minutes. */
const isOurTurn = ({ request, response }: Exchange): boolean =>
  request.complete && !response.headersSent && !response.destroyed

/**
 * Closes connections on which nothing moves for so many milliseconds, unless the silence is ours. Told of a request before
 * anybody answers it. Requests that come before the answer to the one before (RFC 9112 §9.3.2) are answered in their order,
 * so the oldest says whose turn it is.
 */
export function endSilent<S extends Server>(server: S, silentMs: number): S {
  /** Of each connection the exchanges that are not over, the oldest first. */
  const underWay = new WeakMap<Socket, Set<Exchange>>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const exchange: Exchange = { request, response }
    const exchanges = underWay.get(socket) ?? new Set()
    underWay.set(socket, exchanges.add(exchange))
    response.once('close', () => exchanges.delete(exchange))
  })
  server.setTimeout(silentMs)
  server.on('timeout', (socket: Socket) => {
    const [oldest] = underWay.get(socket) ?? []
    if (oldest !== undefined && isOurTurn(oldest)) socket.setTimeout(silentMs)
    else socket.destroy()
  })
  return server
}
