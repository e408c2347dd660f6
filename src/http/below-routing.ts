import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
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

/** The answers that are still under way on each connection. */
export class Connections {
  readonly #underWay = new WeakMap<Socket, Set<ServerResponse>>()

  /** To be told of every request before it is handled. */
  begin(response: ServerResponse): void {
    const { socket } = response.req
    const underWay = this.#underWay.get(socket) ?? new Set()
    this.#underWay.set(socket, underWay.add(response))
    response.once('close', () => underWay.delete(response))
  }

  /**
   * Answers a connection on which something unreadable came, and ends it. Where an earlier request still waits for its
   * answer it is ended without a word: whoever sent that request must not take this refusal for its answer.
   */
  refuse(error: ConnectionError, socket: Socket): void {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const underWay = [...(this.#underWay.get(socket) ?? [])]
    const concernsNext = underWay.some(({ req, headersSent }) => req.complete || headersSent)
    if (!socket.writable || concernsNext) socket.destroy()
    else socket.end(answerToUnreadable(error))
  }
}
