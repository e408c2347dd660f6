import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

/** Held at once for requests of which nobody knows yet who sends them: a megabyte of each may be headers. */
const MOST_BYTES = 256 * 1024 * 1024
const LOOK_MS = 200
/** Bytes of headers that every client sends: they are not worth a look. */
const ORDINARY = 16 * 1024

/** What connections hold in memory before it is known who speaks. Beyond it the longest unfinished ones are ended. */
export interface HeaderBudget {
  watch(server: Server): void
  /** The request that a connection carries has proven who sends it: it counts no more. */
  prove(socket: Socket): void
}

interface Held {
  /** `bytesRead` of the connection where the request began. */
  begin: number
  /** Counts the looks at a request that is not proven yet. */
  looks: number
  isProven: boolean
}

/**
 * @param requestBytes that one request may hold: what comes beyond them is body, and is not kept
 * @param mostBytes of all together
 */
export function headerBudget(requestBytes: number, mostBytes = MOST_BYTES): HeaderBudget {
  const connections = new Map<Socket, Held>()
  const bytesOf = ({ bytesRead }: Socket, { begin, isProven }: Held): number => {
    const bytes = isProven ? 0 : Math.min(requestBytes, bytesRead - begin)
    return bytes > ORDINARY ? bytes : 0
  }
  const look = () => {
    const held = [...connections]
      .map(([socket, one]) => ({ socket, one, bytes: bytesOf(socket, one) }))
      .filter(({ bytes }) => bytes > 0)
    for (const { one } of held) one.looks += 1
    let sum = held.reduce((total, { bytes }) => total + bytes, 0)
    if (sum <= mostBytes) return
    // Who is honest is done soon: those who have been at it for longest go first.
    for (const { socket, bytes } of held.sort((one, other) => other.one.looks - one.one.looks)) {
      if (sum <= mostBytes) break
      socket.destroy()
      sum -= bytes
    }
  }
  return {
    watch(server) {
      const timer = setInterval(look, LOOK_MS).unref()
      server.once('close', () => clearInterval(timer))
      server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
        connections.set(socket, { begin: 0, looks: 0, isProven: false })
        socket.once('close', () => connections.delete(socket))
      })
      server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
        response.once('close', () => {
          if (!socket.destroyed)
            connections.set(socket, { begin: socket.bytesRead, looks: 0, isProven: false })
        })
      })
    },
    prove(socket) {
      const held = connections.get(socket)
      if (held !== undefined) held.isProven = true
    },
  }
}
