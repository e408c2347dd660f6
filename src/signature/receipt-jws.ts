import type { KeyObject } from 'node:crypto'
import { compactVerify, decodeProtectedHeader } from 'jose'
import type { BackupSeal } from '../domain/backup-manifest.ts'
import type { DeliveryReceipt } from '../domain/delivery-receipt.ts'
import type { AcceptanceReceipt } from '../domain/receipt.ts'
import type { TrustState } from '../domain/signature-report.ts'
import type { Signer } from './keys/signer.ts'
import type { VerifyContext } from './trust-store.ts'
import { type Certificate, parseCertificate } from './x509/certificate.ts'
import { checkPath } from './x509/path.ts'

const TYPE = 'tram-receipt+jws'
const DELIVERY_TYPE = 'tram-delivery-receipt+jws'
const BACKUP_TYPE = 'tram-backup+jws'

/** ES256 for P-256, PS256 for RSA (RFC 7518 §3.4, §3.5). @throws Error for any other key */
function algorithmFor(key: KeyObject): 'ES256' | 'PS256' {
  if (key.asymmetricKeyType === 'rsa') return 'PS256'
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256'
  throw new Error('a receipt is signed with RSA or P-256')
}

/** Signs a receipt as a compact JWS (RFC 7515) with the chain in `x5c`. ECDSA and PSS are random: store the result. */
export const signReceipt = (receipt: AcceptanceReceipt, signer: Signer): Promise<string> =>
  sign(TYPE, receipt, signer)

/** The same for what became of a delivery. */
export const signDeliveryReceipt = (receipt: DeliveryReceipt, signer: Signer): Promise<string> =>
  sign(DELIVERY_TYPE, receipt, signer)

/** The same for a backup. */
export const signBackup = (seal: BackupSeal, signer: Signer): Promise<string> =>
  sign(BACKUP_TYPE, seal, signer)

async function sign(typ: string, claims: object, signer: Signer): Promise<string> {
  const { alg, text } = headerOf(typ, signer)
  const input = `${text}.${encoded(claims)}`
  const value = await signer.sign(
    alg === 'ES256' ? 'ecdsa' : 'rsa-pss',
    'sha256',
    Buffer.from(input, 'latin1'),
  )
  return `${input}.${Buffer.from(value).toString('base64url')}`
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

interface Header {
  readonly typ: string
  readonly alg: ReturnType<typeof algorithmFor>
  readonly text: string
}

const headers = new WeakMap<Signer, readonly Header[]>()

/** The header of one kind of receipt is the same for all that a signer signs. */
function headerOf(typ: string, signer: Signer): Header {
  const known = headers.get(signer) ?? []
  const found = known.find((one) => one.typ === typ)
  if (found !== undefined) return found
  const alg = algorithmFor(signer.publicKey)
  const x5c = signer.certificateChain.map(({ der }) => Buffer.from(der).toString('base64'))
  const made: Header = { typ, alg, text: encoded({ alg, typ, x5c }) }
  headers.set(signer, [...known, made])
  return made
}

export interface VerifiedReceipt<R = AcceptanceReceipt> {
  readonly receipt: R
  readonly signer: Certificate
  /** Whether the signer's certificate leads to an anchor at `context.time`. */
  readonly trust: TrustState
}

/**
 * Reads a receipt and checks its signature with the key of its own certificate; trust in that is `trust`.
 * @throws Error where it is no receipt or the signature does not fit
 */
export async function verifyReceipt(jws: string, context: VerifyContext): Promise<VerifiedReceipt> {
  const verified = await verify<AcceptanceReceipt>(TYPE, jws, context)
  if (verified.receipt.event !== 'SubmissionAcceptance') throw new Error('not an acceptance receipt')
  return verified
}

/** The same for what became of a delivery. */
export const verifyDeliveryReceipt = (
  jws: string,
  context: VerifyContext,
): Promise<VerifiedReceipt<DeliveryReceipt>> => verify(DELIVERY_TYPE, jws, context)

/** The same for a backup. */
export const verifyBackup = (jws: string, context: VerifyContext): Promise<VerifiedReceipt<BackupSeal>> =>
  verify(BACKUP_TYPE, jws, context)

async function verify<R>(typ: string, jws: string, context: VerifyContext): Promise<VerifiedReceipt<R>> {
  const header = decodeProtectedHeader(jws)
  if (header.typ !== typ || !Array.isArray(header.x5c)) throw new Error('not a receipt')
  const chain = header.x5c.map((text) => parseCertificate(Buffer.from(text, 'base64')))
  const signer = chain[0]
  if (signer === undefined) throw new Error('a receipt without a certificate')
  const { payload } = await compactVerify(jws, signer.publicKey, {
    algorithms: [algorithmFor(signer.publicKey)],
  })
  const receipt = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) as R
  const { trusted } = checkPath(signer, chain, context.trust, 'signature', context.time)
  return { receipt, signer, trust: trusted ? 'trusted' : 'untrusted' }
}
