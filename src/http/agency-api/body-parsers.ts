import type { preParsingHookHandler } from 'fastify'
import { GatewayError } from '../../domain/problem.ts'
import { malformed } from './malformed.ts'
import type { DoorApp } from './operation.ts'

const UPLOAD_TYPES = [
  'application/xml',
  'application/edxml+xml',
  'application/octet-stream',
  'multipart/form-data',
]

/** JSON alone, and only as UTF-8 (RFC 8259 §8.1): a byte that is none is told, not replaced. */
export function takeJson(app: DoorApp): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = decode(body as Buffer)
    if (text === undefined) done(malformed('Nội dung không phải UTF-8.', 'The body is not UTF-8.'))
    else parse(request, text, done)
  })
}

/** Packets and forms beside JSON; both are read by the handler, as they come. */
export function takeUploads(app: DoorApp): void {
  app.addContentTypeParser(UPLOAD_TYPES, (_request, _payload, done) => done(null, undefined))
}

/**
 * The preParsing hook of the door: no operation takes compressed bodies, for a bomb would unfold behind every limit.
 * Throws GatewayError `media-type-unsupported`.
 */
export const refuseEncodedBody: preParsingHookHandler = (request, _reply, payload, done) => {
  const encoding = request.headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return done(null, payload)
  const detail = {
    vi: `Không nhận Content-Encoding: ${encoding}.`,
    en: `Content-Encoding ${encoding} is not taken.`,
  }
  return done(new GatewayError('media-type-unsupported', { detail }))
}

function decode(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}
