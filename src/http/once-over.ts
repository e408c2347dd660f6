import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Of each connection what is to be done for those of its requests that are not over. */
const OPEN = new WeakMap<Socket, Set<() => void>>()

/**
 * Calls `done` once, when the answer has left or its connection has died. The answer alone would not tell: one that still
 * has to wait for the answer to an earlier request of its connection (RFC 9112 §9.3.2) has no connection yet that could
 * be lost, and never hears of it.
 */
export function onceOver(response: ServerResponse, done: () => void): void {
  const { socket } = response.req
  const open = OPEN.get(socket) ?? ofSocket(socket)
  const settle = () => {
    if (open.delete(settle)) done()
  }
  open.add(settle)
  response.once('close', settle)
  if (socket.destroyed) settle()
}

function ofSocket(socket: Socket): Set<() => void> {
  const open = new Set<() => void>()
  OPEN.set(socket, open)
  socket.once('close', () => {
    for (const settle of open) settle()
  })
  return open
}
