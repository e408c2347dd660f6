import type { FastifyReply } from 'fastify'
import { type TSchema, Type } from 'typebox'
import type { Content } from '../../receipts/document-content.ts'

/**
 * Sends bytes to be kept, not shown: a browser must neither guess at them nor run them (RFC 6266; the digest as in
 * RFC 9530).
 */
export function sendContent(
  reply: FastifyReply,
  { mediaType, fileName, blob, bytes, open }: Content,
): FastifyReply {
  reply
    .header('content-type', mediaType)
    .header('content-disposition', attachmentDisposition(fileName))
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "sandbox; default-src 'none'")
    .header('cache-control', 'private, no-store')
  if (blob !== undefined) {
    const digest = Buffer.from(blob.sha256, 'hex').toString('base64')
    reply
      .header('content-length', blob.length)
      .header('etag', `"${blob.sha256}"`)
      .header('repr-digest', `sha-256=:${digest}:`)
  }
  return reply.send(bytes ?? open())
}

/** `filename*` holds the name as it is (RFC 8187), `filename` its likeness for old readers. Paths are no part of a name. */
export function attachmentDisposition(fileName: string): string {
  const name = fileName.replace(/[/\\\p{C}]/gu, '_').trim() || 'unnamed'
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('đ', 'd')
    .replaceAll('Đ', 'D')
    .replace(/[^\x20-\x7e]|["%]/g, '_')
  const extended = encodeURIComponent(name).replace(
    /['()*!]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${extended}`
}

/** The response schema of an operation that sends bytes. */
export const bytesResponse = (mediaType: string, description: string): TSchema => ({
  description,
  content: { [mediaType]: { schema: Type.String({ format: 'binary' }) } },
})
