import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { GatewayError } from '../../domain/problem.ts'

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description:
        '1 to 255 visible ASCII characters, plain or as a quoted string (draft-ietf-httpapi-idempotency-key-header-07)',
    }),
  ),
})

const PLAIN = /^[\x21-\x7e]{1,255}$/
const QUOTED = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/

/**
 * The key under which a request may be repeated; `"abc"` (RFC 8941 §3.3.3) and `abc` are the same one.
 * @throws GatewayError `request-invalid`
 */
export function readIdempotencyKey({ headers }: FastifyRequest): string | undefined {
  const given = headers['idempotency-key']
  if (given === undefined) return undefined
  const text = String(given)
  const key = QUOTED.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1') ?? text
  if (!PLAIN.test(key)) throw malformed(text)
  return key
}

const malformed = (found: string): GatewayError =>
  new GatewayError('request-invalid', {
    faults: [
      {
        code: 'idempotency-key-malformed',
        severity: 'error',
        path: '#/headers/idempotency-key',
        found: found.slice(0, 100),
        expected: '1..255 × %x21-7E',
        hint: {
          vi: 'Idempotency-Key gồm 1 đến 255 ký tự ASCII nhìn thấy được.',
          en: 'Idempotency-Key has 1 to 255 visible ASCII characters.',
        },
      },
    ],
  })
