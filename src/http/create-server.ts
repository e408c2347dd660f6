import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer, type ServerOptions as TlsServerOptions } from 'node:https'
import type { ApiContext } from '../context.ts'
import { endSilent } from './silent-connections.ts'
import { endUnusedAtClose } from './unused-connections.ts'

type Tls = ApiContext['config']['http']['tls']

const SECOND = 1_000
const MINUTE = 60 * SECOND

const LIMITS: ServerOptions = {
  maxHeaderSize: 16_384,
  headersTimeout: 20 * SECOND,
  // A whole request: 512 MiB at 5 Mbit/s.
  requestTimeout: 15 * MINUTE,
  keepAliveTimeout: 72 * SECOND,
}
/** A connection on which nothing moves for so long is closed, unless it waits for our answer. */
const SILENT_MS = 2 * MINUTE

/** Node's server: TLS where it is configured, plain HTTP otherwise. `begin` is told of each request first. */
export function createServer(
  tls: Tls,
  begin: (response: ServerResponse) => void,
  handler: RequestListener,
  options: Pick<ServerOptions, 'maxHeaderSize' | 'requireHostHeader'> = {},
): Server {
  const limits = { ...LIMITS, ...options }
  const server =
    tls === null ? createHttpServer(limits) : createHttpsServer({ ...limits, ...tlsOptions(tls) })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    begin(response)
    handler(request, response)
  })
  return endUnusedAtClose(endSilent(server, SILENT_MS))
}

/**
 * TLS 1.2 and later. A client certificate is asked for where client authorities are set; one that they do not vouch
 * for does not end the connection, it counts as none: see `clientCertificate`.
 */
const tlsOptions = ({ certificate, key, clientCa }: NonNullable<Tls>): TlsServerOptions => ({
  cert: certificate,
  key,
  minVersion: 'TLSv1.2',
  ...(clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
})
