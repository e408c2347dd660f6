import { GatewayError } from '../../domain/problem.ts'
import { failure } from './answer.ts'

/** Bytes of a well-formed answer to a connection whose request cannot be read. */
export function answerToUnreadable(): string {
  const body = failure(undefined, new GatewayError('request-malformed'))
  return [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
