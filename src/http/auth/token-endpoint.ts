import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../../context.ts'
import type { GatewayError, ProblemCode } from '../../domain/problem.ts'
import { replyWithProblem, toGatewayError } from '../problem.ts'
import { issueAccessToken, TOKEN_SECONDS } from './access-token.ts'
import { clientCertificate } from './client-certificate.ts'
import { claimantOf, identifyClient } from './identify-client.ts'
import { OAUTH_ERRORS, OAuthError } from './oauth-error.ts'
import { tokenKey } from './token-key.ts'
import { readTokenRequest } from './token-request.ts'

export const TOKEN_PATH = '/oauth2/token'

/** Bytes of a token request: an assertion takes about one thousand. */
const BODY_LIMIT = 16_384
/** Requests from one address in one minute at most: a token lasts ten. */
const REQUESTS_PER_MINUTE = 600

/** POST /oauth2/token: access tokens for clients that prove who they are (RFC 6749 §4.4). */
export async function tokenEndpoint(app: FastifyInstance, { context }: { context: ApiContext }) {
  const { config, pool } = context
  const key = tokenKey(config.tokenKey)
  const issuer = config.http.publicUrl
  const dependencies = { pool, audiences: [issuer, `${issuer}${TOKEN_PATH}`] }

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: BODY_LIMIT },
    async (_request: FastifyRequest, body: string) => body,
  )
  app.setErrorHandler(replyWithOAuthError)
  app.post(
    TOKEN_PATH,
    {
      bodyLimit: BODY_LIMIT,
      config: {
        rateLimit: { max: Math.min(config.http.rateLimit, REQUESTS_PER_MINUTE), hook: 'onRequest' },
      },
    },
    async (request, reply) => {
      const now = new Date()
      const body = typeof request.body === 'string' ? request.body : ''
      const proof = readTokenRequest(body, request.headers.authorization)
      request.claimant = claimantOf(proof)
      const certificate = clientCertificate(request)
      const client = await identifyClient(dependencies, proof, certificate, now)
      const { clientId, role, agency } = client
      if (role === 'gateway')
        throw new OAuthError('invalid_client', 'another exchange is on record, and cannot sign in')
      const token = await issueAccessToken(key, issuer, { clientId, role, agency, certificate }, now)
      request.log.info({ clientId, method: proof.method, bound: certificate !== null }, 'token issued')
      return noStore(reply).send({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS })
    },
  )
}

/** What is wrong with the request or the client in OAuth's form; what is wrong with us as a problem. */
function replyWithOAuthError(thrown: unknown, request: FastifyRequest, reply: FastifyReply) {
  const error = asOAuthError(thrown)
  noStore(reply)
  if (!(error instanceof OAuthError)) return replyWithProblem(error, request, reply)
  request.log.info({ code: error.code, reason: error.message }, 'token refused')
  if (error.code === 'invalid_client') reply.header('www-authenticate', 'Basic realm="tram"')
  if (!request.raw.complete) reply.header('connection', 'close')
  return reply.status(OAUTH_ERRORS[error.code]).send({ error: error.code, error_description: error.message })
}

function asOAuthError(thrown: unknown): OAuthError | GatewayError {
  if (thrown instanceof OAuthError) return thrown
  const error = toGatewayError(thrown)
  return BODY_FAULTS.includes(error.code)
    ? new OAuthError('invalid_request', 'the body must be a short application/x-www-form-urlencoded', thrown)
    : error
}

/** The framework's faults with a body: RFC 6749 knows one name for them. */
const BODY_FAULTS: readonly ProblemCode[] = [
  'media-type-unsupported',
  'payload-too-large',
  'request-malformed',
  'request-invalid',
]

const noStore = (reply: FastifyReply): FastifyReply =>
  reply.header('cache-control', 'no-store').header('pragma', 'no-cache')
