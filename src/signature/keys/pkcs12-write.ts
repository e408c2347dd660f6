import { createHash, createHmac, randomBytes } from 'node:crypto'
import { context, integer, nullValue, octetString, oid, sequence, setOf, tlv } from '../der-writer.ts'
import { derivePkcs12Key, MAC_HASHES, MAC_SHA256, PURPOSE } from './pkcs12-kdf.ts'
import { encryptPbes2 } from './pkcs12-pbes2.ts'
import type { SigningKey } from './signing-key.ts'

const ID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  localKeyId: '1.2.840.113549.1.9.21',
} as const

/** [0] IMPLICIT OCTET STRING of EncryptedContentInfo (RFC 5652 §6.1). */
const ENCRYPTED_CONTENT = 0x80

/** Of both keys that come from the passphrase: encryption and integrity. */
const ITERATIONS = 100_000

/**
 * A PKCS#12 file (RFC 7292) as today's programs open it: AES-256-CBC under PBKDF2-HMAC-SHA256, integrity by
 * HMAC-SHA256. Key and certificates are both encrypted.
 * @param passphrase any Unicode text
 */
export async function writePkcs12(
  { key, certificateChain }: SigningKey,
  passphrase: string,
): Promise<Uint8Array> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
  const keyId = createHash('sha256').update(certificateChain[0]!.der).digest().subarray(0, 20)
  const shrouded = await encryptPbes2(pkcs8, passphrase, ITERATIONS)
  const keyBag = bag(ID.shroudedKeyBag, sequence(shrouded.algorithm, octetString(shrouded.encrypted)), keyId)
  const certificates = certificateChain.map(({ der }, index) =>
    bag(
      ID.certificateBag,
      sequence(oid(ID.x509Certificate), context(0, octetString(der))),
      index === 0 ? keyId : undefined,
    ),
  )
  const sealed = await encryptPbes2(sequence(...certificates), passphrase, ITERATIONS)
  const authenticated = sequence(plainContent(sequence(keyBag)), encryptedContent(sealed))
  return sequence(integer(3), plainContent(authenticated), macOf(authenticated, passphrase))
}

/** SafeBag; `localKeyId` tells which certificate belongs to the key. */
const bag = (type: string, value: Uint8Array, localKeyId: Uint8Array | undefined): Buffer =>
  sequence(
    oid(type),
    context(0, value),
    ...(localKeyId === undefined
      ? []
      : [setOf(sequence(oid(ID.localKeyId), setOf(octetString(localKeyId))))]),
  )

const plainContent = (content: Uint8Array): Buffer => sequence(oid(ID.data), context(0, octetString(content)))

const encryptedContent = (sealed: {
  readonly algorithm: Uint8Array
  readonly encrypted: Uint8Array
}): Buffer =>
  sequence(
    oid(ID.encryptedData),
    context(
      0,
      sequence(
        integer(0),
        sequence(oid(ID.data), sealed.algorithm, tlv(ENCRYPTED_CONTENT, sealed.encrypted)),
      ),
    ),
  )

function macOf(content: Uint8Array, passphrase: string): Buffer {
  const salt = randomBytes(16)
  const hash = MAC_HASHES[MAC_SHA256]!
  const key = derivePkcs12Key(hash, PURPOSE.mac, passphrase, salt, ITERATIONS)
  const value = createHmac(hash.name, key).update(content).digest()
  const digestInfo = sequence(sequence(oid(MAC_SHA256), nullValue()), octetString(value))
  return sequence(digestInfo, octetString(salt), integer(ITERATIONS))
}
