import { randomBytes } from 'node:crypto'
import { boolean, integer, nullValue, octetString, oid, sequence } from '../der-writer.ts'
import { type Ber, childrenOf, integerOf, isUniversal, readBer, TAG } from '../formats/ber.ts'
import { openToken } from './token.ts'

const SHA256 = '2.16.840.1.101.3.4.2.1'

/** What is asked of a time-stamping authority. */
export interface TimestampRequest {
  /** TimeStampReq, DER (RFC 3161 §2.4.1). */
  readonly der: Uint8Array
  /** The SHA-256 digest of what is to be stamped. */
  readonly imprint: Uint8Array
  readonly nonce: Uint8Array
  readonly policyOid?: string
}

/**
 * A request for a token over a SHA-256 digest, with a nonce, that wants the TSA's certificate along.
 * @throws RangeError where the imprint is no SHA-256 digest
 */
export function timestampRequest(
  imprint: Uint8Array,
  { nonce = randomBytes(16), policyOid }: { nonce?: Uint8Array; policyOid?: string } = {},
): TimestampRequest {
  if (imprint.length !== 32) throw new RangeError('the imprint is no SHA-256 digest')
  const der = sequence(
    integer(1),
    sequence(sequence(oid(SHA256), nullValue()), octetString(imprint)),
    ...(policyOid === undefined ? [] : [oid(policyOid)]),
    integer(nonce),
    boolean(true),
  )
  return { der, imprint, nonce, ...(policyOid !== undefined && { policyOid }) }
}

/** Why an answer is no token for what was asked. */
export type ResponseFault = 'malformed' | 'rejected' | 'imprint' | 'nonce' | 'policy'

export type TimestampResponse =
  | { readonly token: Uint8Array; readonly genTime: Date }
  | { readonly fault: ResponseFault; readonly detail: string }

/** PKIStatus granted and grantedWithMods (RFC 3161 §2.4.2). */
const GRANTED = new Set([0n, 1n])

/**
 * Reads a TimeStampResp and holds it against its request (RFC 3161 §2.4.2): status, imprint and its hash, nonce, policy.
 * The token's signature is another matter, see `checkToken`.
 */
export function readTimestampResponse(der: Uint8Array, request: TimestampRequest): TimestampResponse {
  try {
    const response = readBer(der)
    if (response.raw.length !== der.length) return malformed('bytes after the end')
    const [status, token] = childrenOf(response)
    const [code] = childrenOf(status)
    const granted = integerOf(code)
    if (granted === undefined) return malformed('no status')
    if (!GRANTED.has(granted)) return { fault: 'rejected', detail: rejectionOf(status) }
    if (token === undefined) return malformed('granted, and no token')
    return match(token, request)
  } catch (error) {
    return malformed(error instanceof Error ? error.message : String(error))
  }
}

const malformed = (detail: string): TimestampResponse => ({ fault: 'malformed', detail })

function match(token: Ber, request: TimestampRequest): TimestampResponse {
  const { info, der } = openToken(token.raw)
  const { imprint, nonce, policyOid, genTime } = info
  if (imprint.hash !== 'sha256' || !imprint.digest.equals(request.imprint))
    return { fault: 'imprint', detail: imprint.hashOid }
  if (nonce !== unsignedOf(request.nonce)) return { fault: 'nonce', detail: String(nonce) }
  if (request.policyOid !== undefined && policyOid !== request.policyOid)
    return { fault: 'policy', detail: policyOid }
  return { token: der, genTime }
}

const unsignedOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)

/** What a TSA says of its refusal, cut to what fits a log line. */
function rejectionOf(status: Ber | undefined): string {
  const [code, ...rest] = childrenOf(status)
  const texts = rest
    .filter((part) => isUniversal(part, TAG.sequence))
    .flatMap((part) => childrenOf(part).map(({ content }) => Buffer.from(content).toString('utf8')))
  return [`status ${integerOf(code)}`, ...texts].join(': ').slice(0, 200)
}
