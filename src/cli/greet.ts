import { X509Certificate } from 'node:crypto'
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { rootCertificates, TLSSocket } from 'node:tls'
import type { Connector } from '../domain/axis/connector.ts'

/** What a server shows of itself to whoever comes, before anything is asked of it. */
export interface Greeting {
  /** Its clock, to the second, and by how many seconds ours is ahead; null where it tells none. */
  readonly aheadSeconds: number | null
  /** Null without TLS. */
  readonly tls: {
    readonly certificate: X509Certificate
    /** Why it is not trusted; null where it is. */
    readonly fault: string | null
  } | null
}

/** Asks for nothing, and sends no secret and no signature: an untrusted server may be looked at. */
export function greet(
  { url, authorities, clientCertificate }: Connector,
  timeoutMs: number,
): Promise<Greeting> {
  const isTls = url.startsWith('https:')
  const tls = {
    // `ca` takes the place of the public authorities, which must stay.
    ...(authorities !== null && { ca: [...rootCertificates, authorities] }),
    ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key }),
    // What is wrong with it is to be told.
    rejectUnauthorized: false,
  }
  const began = Date.now()
  return new Promise((resolve, reject) => {
    const options = { method: 'GET', agent: false as const, timeout: timeoutMs }
    const request = isTls ? tlsRequest(url, { ...options, ...tls }) : plainRequest(url, options)
    request.once('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)))
    request.once('error', reject)
    request.once('response', ({ headers, socket }) => {
      const theirs = Date.parse(headers.date ?? '')
      const aheadSeconds = Number.isNaN(theirs) ? null : ((began + Date.now()) / 2 - theirs) / 1_000
      const shown = socket instanceof TLSSocket ? shownBy(socket) : null
      request.destroy()
      resolve({ aheadSeconds, tls: shown })
    })
    request.end()
  })
}

function shownBy(socket: TLSSocket): Greeting['tls'] {
  const certificate = new X509Certificate(socket.getPeerCertificate().raw)
  const { authorized, authorizationError } = socket
  return { certificate, fault: authorized ? null : String(authorizationError ?? 'not trusted') }
}
