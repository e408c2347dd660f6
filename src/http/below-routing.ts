import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError } from 'fastify'
import { GatewayError, type ProblemCode } from '../domain/problem.ts'
import { problemDocument } from './problem.ts'

/** What Node's HTTP parser refuses, as problems of ours. */
const PARSER_ERRORS: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}

/** Bytes of a well-formed answer to a connection whose request cannot be read. */
export function answerToUnreadable(error: ConnectionError): string {
  const code = PARSER_ERRORS[error.code] ?? 'request-malformed'
  const document = problemDocument(new GatewayError(code), randomUUID(), 'vi')
  const body = JSON.stringify(document)
  return [
    `HTTP/1.1 ${document.status} ${STATUS_CODES[document.status] ?? ''}`,
    'Content-Type: application/problem+json; charset=utf-8',
    'Content-Language: vi',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

/** Answers a connection whose request cannot be read, where it can still be answered, and ends it. */
export function refuseUnreadable(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable) return void socket.destroy()
  socket.end(answerToUnreadable(error))
}
