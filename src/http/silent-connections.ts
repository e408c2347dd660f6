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
 * anybody answers it.
 */
export function endSilent<S extends Server>(server: S, silentMs: number): S {
  const latest = new WeakMap<Socket, Exchange>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, { request, response })
  })
  server.setTimeout(silentMs)
  server.on('timeout', (socket: Socket) => {
    const exchange = latest.get(socket)
    if (exchange !== undefined && isOurTurn(exchange)) socket.setTimeout(silentMs)
    else socket.destroy()
  })
  return server
}
