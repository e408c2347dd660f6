import { OAuthError } from './oauth-error.ts'

/** How a client proves who it is. */
export type ClientProof =
  | { readonly method: 'client_secret_basic'; readonly clientId: string; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly assertion: string; readonly clientId: string | null }

export const CLIENT_AUTHENTICATION_METHODS: readonly ClientProof['method'][] = [
  'client_secret_basic',
  'private_key_jwt',
]

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Reads a token request (RFC 6749 §4.4.2): the grant is client_credentials, each parameter stands once, and exactly
 * one proof of the client is given.
 * @throws OAuthError `invalid_request`, `invalid_client`, `unsupported_grant_type`, `invalid_scope`
 */
export function readTokenRequest(body: string, authorization: string | undefined): ClientProof {
  const parameters = readForm(body)
  const grantType = parameters.get('grant_type')
  if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing')
  if (grantType !== 'client_credentials') {
    throw new OAuthError('unsupported_grant_type', 'only client_credentials is supported')
  }
  if (parameters.has('scope')) throw new OAuthError('invalid_scope', 'no scopes are defined')
  if (parameters.has('client_secret')) {
    throw new OAuthError('invalid_client', 'send the secret by HTTP Basic, not in the body')
  }
  const assertion = parameters.get('client_assertion')
  if (authorization === undefined && assertion === undefined) {
    throw new OAuthError('invalid_client', 'no client authentication was given')
  }
  if (authorization !== undefined && assertion !== undefined) {
    throw new OAuthError('invalid_request', 'use one method of client authentication')
  }
  return authorization === undefined
    ? readAssertion(parameters, assertion ?? '')
    : readBasic(authorization, parameters.get('client_id'))
}

function readForm(body: string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(body)) {
    if (parameters.has(name)) throw new OAuthError('invalid_request', 'a parameter stands more than once')
    // RFC 6749 §3.2: a parameter without a value counts as left out.
    if (value !== '') parameters.set(name, value)
  }
  return parameters
}

function readAssertion(parameters: ReadonlyMap<string, string>, assertion: string): ClientProof {
  if (parameters.get('client_assertion_type') !== ASSERTION_TYPE) {
    throw new OAuthError('invalid_request', `client_assertion_type must be ${ASSERTION_TYPE}`)
  }
  return { method: 'private_key_jwt', assertion, clientId: parameters.get('client_id') ?? null }
}

const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i

function readBasic(authorization: string, clientIdInBody: string | undefined): ClientProof {
  const encoded = BASIC.exec(authorization)?.[1]
  const [clientId, secret] = encoded === undefined ? [] : readPair(Buffer.from(encoded, 'base64').toString())
  if (clientId === undefined || secret === undefined) {
    throw new OAuthError('invalid_client', 'the Authorization header is not HTTP Basic with id and secret')
  }
  if (clientIdInBody !== undefined && clientIdInBody !== clientId) {
    throw new OAuthError('invalid_request', 'client_id differs from the one in the Authorization header')
  }
  return { method: 'client_secret_basic', clientId, secret }
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined by a colon. */
function readPair(pair: string): string[] {
  const colon = pair.indexOf(':')
  if (colon < 1) return []
  try {
    return [pair.slice(0, colon), pair.slice(colon + 1)].map((half) =>
      decodeURIComponent(half.replaceAll('+', ' ')),
    )
  } catch {
    return []
  }
}
