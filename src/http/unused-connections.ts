import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

/** TLS wraps a connection into another socket; both know from where it comes. */
const originOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

/**
 * Ends, as a server closes, the connections on which no request has come yet. Node closes those that are idle between
 * two requests, but waits for these, up to its timeouts: one client that connects ahead would hold up a stop for minutes.
 */
export function endUnusedAtClose<S extends Server>(server: S): S {
  const unused = new Map<string, Socket>()
  server.on('connection', (socket: Socket) => {
    const origin = originOf(socket)
    unused.set(origin, socket)
    socket.once('close', () => {
      if (unused.get(origin) === socket) unused.delete(origin)
    })
  })
  server.on('request', ({ socket }: IncomingMessage) => {
    if (unused.size > 0) unused.delete(originOf(socket))
  })
  const close = server.close.bind(server)
  server.close = (callback) => {
    const closing = close(callback)
    for (const socket of unused.values()) socket.destroy()
    return closing
  }
  return server
}
