import { createHmac, createPrivateKey, timingSafeEqual } from 'node:crypto'
import { OctetString } from 'asn1js'
import * as pkijs from 'pkijs'
import { bytesOf, parseBer } from '../formats/asn1.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { KeyFault } from './key-fault.ts'
import { derivePkcs12Key, MAC_HASHES, PURPOSE } from './pkcs12-kdf.ts'
import { decryptPbes2, PBES2 } from './pkcs12-pbes2.ts'
import { type SigningKey, signingKey } from './signing-key.ts'

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const KEY_BAG = '1.2.840.113549.1.12.10.1.1'
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2'
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3'
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1'
/** The encryptions of RFC 7292 appendix C: RC2, RC4 and 3DES. */
const LEGACY_ENCRYPTION = '1.2.840.113549.1.12.1.'
/** Iterations of the integrity key; a file that asks for more wants to hold us up. */
const MAX_ITERATIONS = 2_000_000

/** What a PKCS#12 file holds, and whether all of it is protected as today's programs do (AES, PBKDF2, SHA-2). */
export interface OpenedPkcs12 {
  readonly key: SigningKey
  readonly modern: boolean
}

/**
 * Opens a PKCS#12 file (RFC 7292) with one private key: RSA or EC, PBES2 as PKCS#5 2.1 has it, or the old RC2 and 3DES.
 * @param passphrase any Unicode text: UTF-8 for PBES2, UTF-16BE for the integrity check
 * @throws Error where the file is none, the passphrase is wrong, it holds no key, or no certificate of that key
 */
export async function openPkcs12(file: Uint8Array, passphrase: string): Promise<OpenedPkcs12> {
  const pfx = readPfx(file)
  const safe = pfx.authSafe
  if (safe.contentType !== DATA) throw new KeyFault('pkcs12-open')
  const content = contentOf(safe)
  const hash = checkMac(pfx.macData, content, passphrase)
  const safes = pkijs.AuthenticatedSafe.fromBER(content).safeContents
  const bags: pkijs.SafeBag[] = []
  const encryptions: string[] = []
  for (const one of safes) bags.push(...(await bagsOf(one, passphrase, encryptions)))
  encryptions.push(...bags.flatMap(shroudedWith))
  if (encryptions.some((oid) => oid.startsWith(LEGACY_ENCRYPTION))) {
    // What reads these is large, and few still have them.
    const { readLegacyPkcs12 } = await import('./pkcs12-legacy.ts')
    return { key: readLegacyPkcs12(file, passphrase), modern: false }
  }
  return {
    key: signingKey(createPrivateKey(await keyOf(bags, passphrase)), bags.flatMap(certificateOf)),
    modern: hash !== 'sha1' && encryptions.length > 0,
  }
}

function readPfx(file: Uint8Array): pkijs.PFX {
  try {
    return new pkijs.PFX({ schema: parseBer(file).node })
  } catch (cause) {
    throw new KeyFault('pkcs12-none', { cause })
  }
}

function contentOf({ content }: pkijs.ContentInfo): Uint8Array<ArrayBuffer> {
  if (!(content instanceof Object) || !('getValue' in content)) throw new KeyFault('pkcs12-none')
  return new Uint8Array(content.getValue())
}

/** RFC 7292 §4: an HMAC over the contents, whose key comes from the passphrase. @returns the name of its hash */
function checkMac(mac: pkijs.MacData | undefined, content: Uint8Array, passphrase: string): string {
  if (mac === undefined) throw new KeyFault('pkcs12-without-mac')
  const { digestAlgorithm, digest } = mac.mac
  const hash = MAC_HASHES[digestAlgorithm.algorithmId]
  if (hash === undefined) throw new KeyFault('pkcs12-mac-unknown', { found: digestAlgorithm.algorithmId })
  const iterations = mac.iterations ?? 1
  if (iterations > MAX_ITERATIONS) throw new KeyFault('pkcs12-iterations')
  const salt = mac.macSalt.valueBlock.valueHexView
  const expected = Buffer.from(digest.valueBlock.valueHexView)
  const key = derivePkcs12Key(hash, PURPOSE.mac, passphrase, salt, iterations)
  const found = createHmac(hash.name, key).update(content).digest()
  if (found.length !== expected.length || !timingSafeEqual(found, expected))
    throw new KeyFault('pkcs12-passphrase')
  return hash.name
}

async function bagsOf(
  info: pkijs.ContentInfo,
  passphrase: string,
  encryptions: string[],
): Promise<pkijs.SafeBag[]> {
  if (info.contentType === DATA) return pkijs.SafeContents.fromBER(contentOf(info)).safeBags
  if (info.contentType !== ENCRYPTED_DATA) throw new KeyFault('pkcs12-for-certificate')
  const { encryptedContentInfo: sealed } = new pkijs.EncryptedData({ schema: info.content })
  const { algorithmId } = sealed.contentEncryptionAlgorithm
  encryptions.push(algorithmId)
  if (algorithmId.startsWith(LEGACY_ENCRYPTION)) return []
  const plain = await decryptPbes2(
    parametersOf(sealed.contentEncryptionAlgorithm),
    new Uint8Array(sealed.getEncryptedContent()),
    passphrase,
  )
  return pkijs.SafeContents.fromBER(new Uint8Array(plain)).safeBags
}

/** @throws Error where it is not PBES2 (RFC 8018) */
function parametersOf({ algorithmId, algorithmParams }: pkijs.AlgorithmIdentifier): Uint8Array {
  if (algorithmId !== PBES2) throw new KeyFault('pkcs12-encryption', { found: algorithmId })
  return bytesOf(algorithmParams)
}

const shroudedWith = ({ bagId, bagValue }: pkijs.SafeBag): string[] =>
  bagId === SHROUDED_KEY_BAG && bagValue instanceof pkijs.PKCS8ShroudedKeyBag
    ? [bagValue.encryptionAlgorithm.algorithmId]
    : []

async function keyOf(bags: readonly pkijs.SafeBag[], passphrase: string) {
  const keys = bags.filter(({ bagId }) => bagId === SHROUDED_KEY_BAG || bagId === KEY_BAG)
  const [bag] = keys
  if (bag === undefined) throw new KeyFault('pkcs12-without-key')
  if (keys.length > 1) throw new KeyFault('pkcs12-keys')
  const value = bag.bagValue
  const pkcs8 =
    value instanceof pkijs.PKCS8ShroudedKeyBag
      ? await decryptPbes2(
          parametersOf(value.encryptionAlgorithm),
          value.encryptedData.valueBlock.valueHexView,
          passphrase,
        )
      : Buffer.from(value.toSchema().toBER())
  return { key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' } as const
}

/** CertBag of the type x509Certificate (RFC 7292 §4.2.3). */
function certificateOf({ bagId, bagValue }: pkijs.SafeBag): Certificate[] {
  if (bagId !== CERTIFICATE_BAG || !(bagValue instanceof pkijs.CertBag)) return []
  if (bagValue.certId !== X509_CERTIFICATE || !(bagValue.certValue instanceof OctetString)) return []
  return [parseCertificate(Buffer.from(bagValue.certValue.getValue()))]
}
