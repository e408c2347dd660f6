import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../../context.ts'
import { CLIENT_KEY_ALGORITHMS } from '../../directory/client-keys.ts'
import { TOKEN_PATH } from './token-endpoint.ts'
import { tokenKey } from './token-key.ts'
import { CLIENT_AUTHENTICATION_METHODS } from './token-request.ts'

const JWKS_PATH = '/.well-known/jwks.json'
const FIVE_MINUTES = 'public, max-age=300'

/** What the authorization server says of itself (RFC 8414), and the keys that its tokens are checked with. */
export async function authorizationServerMetadata(
  app: FastifyInstance,
  { context: { config } }: { context: ApiContext },
) {
  const issuer = config.http.publicUrl
  const metadata = {
    issuer,
    token_endpoint: `${issuer}${TOKEN_PATH}`,
    jwks_uri: `${issuer}${JWKS_PATH}`,
    // RFC 8414 §2: required, and empty, for there is no authorization endpoint.
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
    token_endpoint_auth_signing_alg_values_supported: CLIENT_KEY_ALGORITHMS,
    tls_client_certificate_bound_access_tokens: config.http.tls?.clientCa != null,
  }
  const keys = { keys: [tokenKey(config.tokenKey).publicJwk] }
  app.get('/.well-known/oauth-authorization-server', (_request, reply) =>
    reply.header('cache-control', FIVE_MINUTES).send(metadata),
  )
  app.get(JWKS_PATH, (_request, reply) => reply.header('cache-control', FIVE_MINUTES).send(keys))
}
