import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { ApiContext } from '../../context.ts'
import type { Caller, Role } from '../../domain/caller.ts'
import type { Sha256 } from '../../domain/identifiers.ts'
import { GatewayError, PROBLEMS } from '../../domain/problem.ts'
import { clientOfRefused } from './access-token.ts'
import { activeClients } from './active-clients.ts'
import { clientCertificate } from './client-certificate.ts'
import { knownTokens } from './known-tokens.ts'
import { tokenKey } from './token-key.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route is open to everybody. Only descriptions of the API are. */
    readonly withoutToken?: true
  }
}

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * The onRequest hook of a door: reads the access token (RFC 6750 §2.1), checks it against the connection and the
 * directory, and sets `request.caller`.
 * Throws GatewayError `token-missing`, `token-invalid`, `scope-insufficient`, `certificate-mismatch`,
 * `database-unavailable`, `rate-limited` where too much was refused before.
 */
export function authenticate(
  { config, pool }: Pick<ApiContext, 'config' | 'pool'>,
  role: Role,
): onRequestAsyncHookHandler {
  const readToken = knownTokens(tokenKey(config.tokenKey), config.http.publicUrl, role)
  const findActive = activeClients(pool)
  const identify = async (request: FastifyRequest): Promise<Caller> => {
    const grant = await readToken(bearerToken(request), new Date())
    request.claimant = { clientId: grant.clientId, isProven: true }
    const client = await findActive(grant.clientId)
    if (client === undefined || client.agency !== grant.agency) throw new GatewayError('token-invalid')
    if (client.role !== role) throw new GatewayError('scope-insufficient')
    const shown = clientCertificate(request)
    for (const required of [grant.certificate, client.certificate]) {
      if (required !== null && !isSame(required, shown)) throw new GatewayError('certificate-mismatch')
    }
    return { clientId: client.clientId, role, agency: client.agency }
  }
  return async (request) => {
    if (request.routeOptions.config.withoutToken) return
    try {
      request.caller = await identify(request)
    } catch (error) {
      await countRefusal(request, error)
      throw error
    }
  }
}

/** A defect of ours is nobody's refusal. @throws GatewayError `rate-limited` */
async function countRefusal(request: FastifyRequest, error: unknown): Promise<void> {
  if (!(error instanceof GatewayError) || PROBLEMS[error.code].status >= 500) return
  const clientId = clientOfRefused(error)
  if (clientId !== null) request.claimant = { clientId, isProven: true }
  await request.server.countRefusal(request)
}

function bearerToken(request: FastifyRequest): string {
  const { authorization } = request.headers
  if (authorization === undefined) throw new GatewayError('token-missing')
  const token = BEARER.exec(authorization)?.[1]
  if (token === undefined) throw new GatewayError('token-invalid')
  return token
}

const isSame = (required: Sha256, shown: Sha256 | null): boolean =>
  shown !== null && timingSafeEqual(Buffer.from(required, 'hex'), Buffer.from(shown, 'hex'))
