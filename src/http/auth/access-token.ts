import { errors, jwtVerify, SignJWT } from 'jose'
import type { Role } from '../../domain/caller.ts'
import { type AgencyCode, agencyCode, isSha256, type Sha256, uuidv7 } from '../../domain/identifiers.ts'
import { GatewayError } from '../../domain/problem.ts'
import { audienceOf } from './audience.ts'
import type { TokenKey } from './token-key.ts'

/** Lifetime of an access token in seconds. */
export const TOKEN_SECONDS = 600

/** `typ` of an access token: no other JWT of ours passes for one (RFC 9068 §2.1). */
const TYPE = 'at+jwt'

/** What an access token says of the client that asked for it. */
export interface AccessGrant {
  readonly clientId: string
  readonly role: Role
  readonly agency: AgencyCode | null
  /** The TLS client certificate without which the token is worth nothing (RFC 8705 §3). */
  readonly certificate: Sha256 | null
}

/** An access token: a JWT by RFC 9068, signed ES256, bound to a certificate where the grant names one. */
export function issueAccessToken(
  key: TokenKey,
  issuer: string,
  grant: AccessGrant,
  now: Date,
): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000)
  const { certificate } = grant
  return new SignJWT({
    client_id: grant.clientId,
    ...(grant.agency === null ? {} : { agency: grant.agency }),
    ...(certificate === null ? {} : { cnf: { 'x5t#S256': hexToBase64url(certificate) } }),
  })
    .setProtectedHeader({ alg: 'ES256', typ: TYPE, kid: key.kid })
    .setIssuer(issuer)
    .setAudience(audienceOf(issuer, grant.role))
    .setSubject(grant.clientId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + TOKEN_SECONDS)
    .setJti(uuidv7(now))
    .sign(key.privateKey)
}

/**
 * Reads an access token at the door of `role`.
 * @throws GatewayError `token-invalid`; `scope-insufficient` where it is good, but for another door
 */
export async function readAccessToken(
  key: TokenKey,
  issuer: string,
  role: Role,
  token: string,
  now: Date,
): Promise<AccessGrant> {
  const { payload } = await jwtVerify(token, key.publicKey, {
    algorithms: ['ES256'],
    typ: TYPE,
    issuer,
    audience: audienceOf(issuer, role),
    requiredClaims: ['exp', 'sub', 'client_id'],
    currentDate: now,
  }).catch((error: unknown) => {
    throw tokenError(error)
  })
  const { client_id: clientId, agency, cnf } = payload
  if (typeof clientId !== 'string') throw new GatewayError('token-invalid')
  return {
    clientId,
    role,
    agency: typeof agency === 'string' ? agencyCode(agency) : null,
    certificate: boundCertificate(cnf),
  }
}

// jose checks the signature before any claim: a wrong audience means a token of ours for another door.
function tokenError(error: unknown): GatewayError {
  const otherDoor = error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud'
  return new GatewayError(otherDoor ? 'scope-insufficient' : 'token-invalid', { cause: error })
}

/** Whose token it was that was refused; null where the token is not of our making. */
export function clientOfRefused({ cause }: GatewayError): string | null {
  // What these errors tell of was signed by us: claims are looked at after the signature.
  const isOurs = cause instanceof errors.JWTClaimValidationFailed || cause instanceof errors.JWTExpired
  const clientId = isOurs ? cause.payload.client_id : undefined
  return typeof clientId === 'string' ? clientId : null
}

function boundCertificate(cnf: unknown): Sha256 | null {
  if (cnf === undefined) return null
  const thumbprint = typeof cnf === 'object' && cnf !== null && 'x5t#S256' in cnf ? cnf['x5t#S256'] : ''
  const digest = Buffer.from(String(thumbprint), 'base64url').toString('hex')
  // A binding that cannot be read binds all the same.
  if (!isSha256(digest)) throw new GatewayError('token-invalid')
  return digest
}

const hexToBase64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url')
