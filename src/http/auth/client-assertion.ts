import { createLocalJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose'
import type { PublicJwk } from '../../db/clients.ts'
import { CLIENT_KEY_ALGORITHMS } from '../../directory/client-keys.ts'
import { OAuthError } from './oauth-error.ts'

/** Seconds ahead at which an assertion may end at most. */
const LONGEST_SECONDS = 300
/** Seconds by which the clock of a client may differ from ours. */
const CLOCK_TOLERANCE_SECONDS = 30
const JTI = /^[\x20-\x7e]{1,200}$/

/** What is kept of a good assertion, so that it works once. */
export interface UsedAssertion {
  readonly jti: string
  readonly expiresAt: Date
}

/** Whom an assertion says it is from: to look its keys up, nothing more, for it is not checked yet. */
export function claimedClient(assertion: string): string {
  try {
    const { sub } = decodeJwt(assertion)
    if (typeof sub === 'string') return sub
  } catch (error) {
    throw new OAuthError('invalid_client', 'the client assertion is not a JWT', error)
  }
  throw new OAuthError('invalid_client', 'the client assertion has no sub')
}

/**
 * Checks an assertion of private_key_jwt against the client's keys (RFC 7523 §3).
 * @throws OAuthError `invalid_client`, without telling an attacker which check failed
 */
export async function checkAssertion(
  assertion: string,
  client: { readonly clientId: string; readonly keys: readonly PublicJwk[] },
  audiences: readonly string[],
  now: Date,
): Promise<UsedAssertion> {
  const { payload } = await jwtVerify(assertion, createLocalJWKSet({ keys: client.keys.map(asJwk) }), {
    algorithms: [...CLIENT_KEY_ALGORITHMS],
    audience: [...audiences],
    issuer: client.clientId,
    subject: client.clientId,
    requiredClaims: ['exp', 'jti'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: now,
  }).catch((error: unknown) => {
    throw new OAuthError('invalid_client', 'the client assertion is not valid', error)
  })
  return withinLimits(payload, now)
}

function withinLimits({ exp = 0, iat = 0, jti = '' }: JWTPayload, now: Date): UsedAssertion {
  const seconds = now.getTime() / 1000
  if (exp > seconds + LONGEST_SECONDS + CLOCK_TOLERANCE_SECONDS) {
    throw new OAuthError('invalid_client', 'the client assertion must end within 5 minutes')
  }
  if (iat > seconds + CLOCK_TOLERANCE_SECONDS) {
    throw new OAuthError('invalid_client', 'the client assertion was issued in the future')
  }
  if (typeof jti !== 'string' || !JTI.test(jti)) {
    throw new OAuthError('invalid_client', 'the jti must be 1 to 200 printable ASCII characters')
  }
  return { jti, expiresAt: new Date((exp + CLOCK_TOLERANCE_SECONDS) * 1000) }
}

const asJwk = (key: PublicJwk) => ({ ...key, kty: String(key.kty) })
