import { randomBytes } from 'node:crypto'
import { recordEvents } from '../audit/record-events.ts'
import { findAgencyOn } from '../db/agencies.ts'
import { type AgencyKeyRecord, insertAgencyKey, revokeAgencyKey } from '../db/agency-keys.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import { type AgencyCode, uuidv7 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { isStrongKey } from '../signature/algorithms.ts'
import { keyFaultText } from '../signature/keys/key-fault.ts'
import { openTokenSigner } from '../signature/keys/pkcs11-signer.ts'
import { openPkcs12 } from '../signature/keys/pkcs12.ts'
import { writePkcs12 } from '../signature/keys/pkcs12-write.ts'
import { readSealImage } from '../signature/pades-sign/image.ts'
import type { TrustStore } from '../signature/trust-store.ts'
import type { Certificate } from '../signature/x509/certificate.ts'
import { readCertificates } from '../signature/x509/pem.ts'
import { checkOwner, checkTrust, namesIn, unusableKey } from './check-owner.ts'
import type { SecretBox } from './secret-box.ts'

/** A key as an agency hands it over: a PKCS#12 file, or one in a token that this gateway reaches. */
export type KeyHandover =
  | { readonly kind: 'pkcs12'; readonly file: Uint8Array; readonly passphrase: string }
  | { readonly kind: 'token'; readonly uri: string; readonly pin?: string; readonly chain?: Uint8Array }

export interface NewKey {
  readonly agency: AgencyCode
  readonly handover: KeyHandover
  /** PNG, red on nothing, as wide as the seal is; a key without one seals annexes and copies only. */
  readonly seal?: { readonly image: Uint8Array; readonly widthMm: number }
  /** The administrator has seen that the certificate names the agency otherwise than the directory, and answers for it. */
  readonly confirmName?: boolean
}

export interface Keeping {
  readonly pool: Pool
  readonly box: SecretBox
  readonly trust: TrustStore
}

/** What a secret belongs to, so that a row's secret opens in no other row. */
export const ownerOf = (id: string, agency: string): string => `agency-key ${id} ${agency}`

/**
 * Keeps a seal key of an agency. A PKCS#12 file is written anew under a random passphrase, whatever its own was, so that
 * nobody who knew that can open what is stored.
 * @throws GatewayError `request-invalid` naming what does not fit, `agency-key-name-differs`, `pdf-unsealable` for the
 * image, `already-exists`
 */
export async function registerAgencyKey(
  { pool, box, trust }: Keeping,
  key: NewKey,
  actor: string,
): Promise<AgencyKeyRecord> {
  if (key.seal !== undefined) readSealImage(key.seal.image)
  const { certificates, stored, secret } = await takeOver(key.handover)
  const own = certificates[0]!
  const id = uuidv7()
  return inTransaction(pool, async (db) => {
    const now = await databaseNow(db)
    const today = vietnamDay(now)
    const agency = await findAgencyOn(db, key.agency, today)
    if (agency === undefined)
      throw unusableKey('agency', {
        vi: 'Mã cơ quan không có trong danh bạ.',
        en: 'No agency has this code.',
      })
    if (agency.validTo !== null && agency.validTo <= today)
      throw unusableKey('agency', { vi: 'Mã cơ quan đã đóng.', en: 'The agency is closed.' })
    const nameConfirmed = checkOwner(own, agency, key.confirmName === true)
    checkCertificate(own, now)
    checkTrust(certificates, trust, now)
    const record = {
      id,
      agency: key.agency,
      certificateSha256: own.sha256,
      subject: own.x509.subject.replaceAll('\n', ', '),
      notBefore: own.notBefore,
      notAfter: own.notAfter,
      sealWidthMm: key.seal?.widthMm ?? null,
    }
    const added = await insertAgencyKey(db, {
      ...record,
      ...stored,
      certificates: certificates.map(({ der }) => der),
      secret: secret === null ? null : box.close(secret, ownerOf(id, key.agency)),
      sealImage: key.seal?.image ?? null,
    })
    if (!added) throw new GatewayError('already-exists')
    await tell(db, actor, key.agency, {
      change: 'added',
      key: id,
      certificateSha256: own.sha256,
      kind: key.handover.kind,
      ...(nameConfirmed && { nameConfirmed, certificateNames: namesIn(own) }),
    })
    return { ...record, kind: key.handover.kind, createdAt: now, revokedAt: null }
  })
}

/** Takes a key out of use for good; the private key is forgotten. @throws GatewayError `not-found` */
export function revokeKey(pool: Pool, id: string, actor: string): Promise<void> {
  return inTransaction(pool, async (db) => {
    const revoked = await revokeAgencyKey(db, id)
    if (revoked === undefined) throw new GatewayError('not-found')
    const { agency, certificateSha256 } = revoked
    await tell(db, actor, agency, { change: 'revoked', key: id, certificateSha256 })
  })
}

const tell = (
  db: Parameters<typeof recordEvents>[0],
  actor: string,
  agency: AgencyCode,
  detail: Record<string, unknown>,
): Promise<void> => recordEvents(db, [{ kind: 'agency-key-changed', actor, agency, detail }])

/** Opens what was handed over, and gives the form in which it is kept. */
async function takeOver(handover: KeyHandover) {
  try {
    return handover.kind === 'pkcs12' ? await fromFile(handover) : await fromToken(handover)
  } catch (cause) {
    const why = keyFaultText(cause)
    const hint = { vi: `Không dùng được khóa này: ${why.vi}.`, en: `The key cannot be used: ${why.en}.` }
    throw unusableKey('key', hint, cause)
  }
}

async function fromFile({ file, passphrase }: Extract<KeyHandover, { kind: 'pkcs12' }>) {
  const { key } = await openPkcs12(file, passphrase)
  const secret = randomBytes(32).toString('base64url')
  const pkcs12 = await writePkcs12(key, secret)
  return { certificates: key.certificateChain, stored: { pkcs12, tokenUri: null }, secret }
}

async function fromToken({ uri, pin, chain }: Extract<KeyHandover, { kind: 'token' }>) {
  const signer = await openTokenSigner({
    uri,
    ...(pin !== undefined && { pin }),
    ...(chain !== undefined && { chain: readCertificates(chain) }),
  })
  signer.close()
  return {
    certificates: signer.certificateChain,
    stored: { pkcs12: null, tokenUri: uri },
    secret: pin ?? null,
  }
}

/** A seal is made by a strong key, under a certificate that is valid and meant for signing (RFC 5280 §4.2.1.3). */
function checkCertificate({ publicKey, keyUsage, notBefore, notAfter }: Certificate, now: Date): void {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey
  const isP256 = asymmetricKeyDetails?.namedCurve === 'prime256v1'
  if (!isP256 && !(asymmetricKeyType === 'rsa' && isStrongKey(publicKey)))
    throw unusableKey('key', {
      vi: 'Con dấu cần khóa RSA từ 2048 bit hoặc P-256.',
      en: 'A seal needs an RSA key of 2048 bits or more, or P-256.',
    })
  if (notAfter <= now || notAfter <= notBefore)
    throw unusableKey('key', { vi: 'Chứng thư đã hết hạn.', en: 'The certificate has ended.' })
  if (keyUsage !== undefined && !keyUsage.has('digitalSignature') && !keyUsage.has('nonRepudiation'))
    throw unusableKey('key', { vi: 'Chứng thư không dùng để ký.', en: 'The certificate is not for signing.' })
}
