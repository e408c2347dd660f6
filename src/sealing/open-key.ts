import { type AgencyKeyRecord, findKeyMaterial } from '../db/agency-keys.ts'
import type { Queryable } from '../db/pool.ts'
import { GatewayError } from '../domain/problem.ts'
import { openTokenSigner } from '../signature/keys/pkcs11-signer.ts'
import { parsePkcs11Uri } from '../signature/keys/pkcs11-uri.ts'
import { openPkcs12 } from '../signature/keys/pkcs12.ts'
import { type Signer, signerOf } from '../signature/keys/signer.ts'
import { readSealImage, type SealImage } from '../signature/pades-sign/image.ts'
import { parseCertificate } from '../signature/x509/certificate.ts'
import { ownerOf } from './register-key.ts'
import type { SecretBox } from './secret-box.ts'

/** A key of an agency, ready to seal. */
export interface OpenAgencyKey {
  readonly signer: Signer
  readonly image: SealImage | undefined
}

export type KeyOpener = (db: Queryable, record: AgencyKeyRecord) => Promise<OpenAgencyKey>

/** Keys that stay open: deriving the key of a PKCS#12 file takes a tenth of a second. */
const MOST_OPEN = 256

/**
 * Opens keys as they are needed and keeps them open. Which key may be used is asked of the database every time, so a
 * revoked one is used no more, although it may be in memory yet.
 * @param modules files of PKCS#11 modules that may be loaded, whoever has put the key into the database
 */
export function keyOpener(box: SecretBox, modules: readonly string[]): KeyOpener {
  const kept = new Map<string, Promise<OpenAgencyKey>>()
  return (db, record) => {
    const known = kept.get(record.id)
    if (known !== undefined) return known
    const opening = open(db, { box, modules }, record).catch((cause: unknown) => {
      kept.delete(record.id)
      throw cause instanceof GatewayError ? cause : new GatewayError('seal-key-unavailable', { cause })
    })
    kept.set(record.id, opening)
    if (kept.size > MOST_OPEN) kept.delete(kept.keys().next().value!)
    return opening
  }
}

interface Means {
  readonly box: SecretBox
  readonly modules: readonly string[]
}

async function open(
  db: Queryable,
  { box, modules }: Means,
  { id, agency }: AgencyKeyRecord,
): Promise<OpenAgencyKey> {
  const material = await findKeyMaterial(db, id)
  if (material === undefined) throw new GatewayError('agency-key-missing')
  const { pkcs12, tokenUri, sealImage } = material
  const secret = material.secret === null ? undefined : box.open(material.secret, ownerOf(id, agency))
  const image = sealImage === null ? undefined : readSealImage(sealImage)
  if (pkcs12 !== null) return { signer: signerOf((await openPkcs12(pkcs12, secret ?? '')).key), image }
  const uri = tokenUri!
  if (!modules.includes(parsePkcs11Uri(uri).modulePath))
    throw new Error('its PKCS#11 module is not in TRAM_AGENCY_KEYS_MODULES')
  const signer = await openTokenSigner({
    uri,
    chain: material.certificates.map(parseCertificate),
    ...(secret !== undefined && { pin: secret }),
  })
  return { signer, image }
}
