import type { Socket } from 'node:net'
import type { ConnectionError } from 'fastify'
import { axisOperation } from '../../axis/operations.ts'
import { GatewayError, type ProblemCode } from '../../domain/problem.ts'
import { failure } from './answer.ts'

/** What Node found wrong with a request that it could not read to its end; anything else is malformed. */
const PROBLEM_OF: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}

/** The beginning of a request in which its first line stands. */
const FIRST_LINE = 2_000

/**
 * Bytes of a well-formed answer to a connection whose request cannot be read: the JSON of the operation as far as that is
 * known, with HTTP 200 like every other answer.
 */
export function answerToUnreadable({ code, rawPacket }: Unreadable): string {
  const line = rawPacket?.subarray(0, FIRST_LINE).toString('latin1') ?? ''
  const path = /^[A-Z]+ (\S+)/.exec(line)?.[1]
  const operation = path === undefined ? undefined : axisOperation(path)
  const body = failure(operation, new GatewayError(PROBLEM_OF[code] ?? 'request-malformed'))
  return [
    'HTTP/1.1 200 OK',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

/** A client that still writes does not read yet: closed at once, it would see a broken connection and no answer. */
const LINGER_MS = 10_000

/** Answers a connection whose request cannot be read, once, and reads away what still comes before it is closed. */
export function unreadableHandler(): (error: ConnectionError, socket: Socket) => void {
  const answered = new WeakSet<Socket>()
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    // Whatever comes after it cannot be read either, and is told here again.
    if (answered.has(socket)) return
    answered.add(socket)
    // Who has said all that comes, and left in the middle of it, is not waited for.
    if (socket.readableEnded) {
      socket.end(answerToUnreadable(asUnreadable(error)))
      return
    }
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
    socket.once('close', () => clearTimeout(timer)).once('end', () => socket.destroy())
    socket.write(answerToUnreadable(asUnreadable(error)))
  }
}

export interface Unreadable {
  readonly code: string
  /** The bytes that were read last, where Node gives them. */
  readonly rawPacket?: Buffer
}

const asUnreadable = (error: ConnectionError): Unreadable => ({
  code: error.code,
  ...('rawPacket' in error && Buffer.isBuffer(error.rawPacket) && { rawPacket: error.rawPacket }),
})
