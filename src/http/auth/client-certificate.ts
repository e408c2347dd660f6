import { createHash } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import { type Sha256, sha256 } from '../../domain/identifiers.ts'

/**
 * SHA-256 (hex) of the DER of the TLS client certificate of a request; null where there is none, or one that the
 * configured authorities do not vouch for. Headers of proxies are never believed.
 */
export function clientCertificate(request: FastifyRequest): Sha256 | null {
  const socket = request.raw.socket
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null
  // A resumed TLS 1.3 session counts as authorized although no certificate was ever shown.
  const { raw } = socket.getPeerCertificate()
  return raw === undefined ? null : sha256(createHash('sha256').update(raw).digest('hex'))
}
