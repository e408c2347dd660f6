import { constants, createHash, createVerify, type KeyObject, verify } from 'node:crypto'
import { fitsPss } from './rsa-pss.ts'

/** Hash functions by the name that node:crypto and the findings use. */
export type HashName =
  | 'md5'
  | 'sha1'
  | 'sha224'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha512-224'
  | 'sha512-256'
  | 'ripemd160'
  | 'sha3-224'
  | 'sha3-256'
  | 'sha3-384'
  | 'sha3-512'

interface HashRow {
  /** RFC 8017 B.1, FIPS 202. */
  readonly oid: string
  /** DigestMethod identifiers of XML-Signature and RFC 9231. */
  readonly xml: readonly string[]
  /** Whether collisions can be made, or nearly so: recognised, never trusted. */
  readonly weak: boolean
}

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
const MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#'
const MORE_2021 = 'http://www.w3.org/2021/04/xmldsig-more#'
const XENC = 'http://www.w3.org/2001/04/xmlenc#'

export const HASHES: Record<HashName, HashRow> = {
  md5: { oid: '1.2.840.113549.2.5', xml: [`${MORE}md5`], weak: true },
  sha1: { oid: '1.3.14.3.2.26', xml: [`${DSIG}sha1`], weak: true },
  sha224: { oid: '2.16.840.1.101.3.4.2.4', xml: [`${MORE}sha224`], weak: false },
  sha256: { oid: '2.16.840.1.101.3.4.2.1', xml: [`${XENC}sha256`], weak: false },
  sha384: { oid: '2.16.840.1.101.3.4.2.2', xml: [`${MORE}sha384`], weak: false },
  sha512: { oid: '2.16.840.1.101.3.4.2.3', xml: [`${XENC}sha512`], weak: false },
  'sha512-224': { oid: '2.16.840.1.101.3.4.2.5', xml: [], weak: false },
  'sha512-256': { oid: '2.16.840.1.101.3.4.2.6', xml: [], weak: false },
  'sha3-224': { oid: '2.16.840.1.101.3.4.2.7', xml: [`${MORE_2007}sha3-224`], weak: false },
  ripemd160: { oid: '1.3.36.3.2.1', xml: [`${XENC}ripemd160`, `${MORE}ripemd160`], weak: true },
  'sha3-256': { oid: '2.16.840.1.101.3.4.2.8', xml: [`${MORE_2007}sha3-256`], weak: false },
  'sha3-384': { oid: '2.16.840.1.101.3.4.2.9', xml: [`${MORE_2007}sha3-384`], weak: false },
  'sha3-512': { oid: '2.16.840.1.101.3.4.2.10', xml: [`${MORE_2007}sha3-512`], weak: false },
}

export const HASH_NAMES = Object.keys(HASHES) as HashName[]
export const hashByOid = (oid: string): HashName | undefined =>
  HASH_NAMES.find((name) => HASHES[name].oid === oid)
export const hashByXml = (uri: string): HashName | undefined =>
  HASH_NAMES.find((name) => HASHES[name].xml.includes(uri))

type Family = 'rsa' | 'rsa-pss' | 'ecdsa' | 'eddsa' | 'dsa'

export interface SignatureAlgorithm {
  readonly family: Family
  /** Null where the algorithm hashes by itself (EdDSA, RFC 8032). */
  readonly hash: HashName | null
  /** Bytes; RSASSA-PSS only. */
  readonly saltLength?: number
  /** The hash of MGF1; RSASSA-PSS only, and only where it is not `hash`. */
  readonly maskHash?: HashName
  /** ECDSA values with r and s side by side wherever they stand (BSI TR-03111 §5.2.1). */
  readonly isPlain?: true
}

const rsa = (hash: HashName): SignatureAlgorithm => ({ family: 'rsa', hash })
const pss = (hash: HashName, saltLength: number): SignatureAlgorithm => ({
  family: 'rsa-pss',
  hash,
  saltLength,
})
const ecdsa = (hash: HashName): SignatureAlgorithm => ({ family: 'ecdsa', hash })
const dsa = (hash: HashName): SignatureAlgorithm => ({ family: 'dsa', hash })
const plain = (hash: HashName): SignatureAlgorithm => ({ family: 'ecdsa', hash, isPlain: true })
/** ecdsa-plain-signatures of BSI TR-03111 §5.2.1.1. */
const PLAIN = '0.4.0.127.0.7.1.1.4.1'
const EDDSA: SignatureAlgorithm = { family: 'eddsa', hash: null }

/** SignatureMethod identifiers (XML-Signature 1.1 §6.4, RFC 9231 §2.3). HMAC is left out on purpose; DSA is told of, never strong. */
export const XML_SIGNATURES: Readonly<Record<string, SignatureAlgorithm>> = {
  [`${MORE}rsa-md5`]: rsa('md5'),
  [`${DSIG}rsa-sha1`]: rsa('sha1'),
  [`${MORE}rsa-ripemd160`]: rsa('ripemd160'),
  [`${MORE}rsa-sha224`]: rsa('sha224'),
  [`${MORE}rsa-sha256`]: rsa('sha256'),
  [`${MORE}rsa-sha384`]: rsa('sha384'),
  [`${MORE}rsa-sha512`]: rsa('sha512'),
  [`${MORE_2007}sha1-rsa-MGF1`]: pss('sha1', 20),
  [`${MORE_2007}sha224-rsa-MGF1`]: pss('sha224', 28),
  [`${MORE_2007}sha256-rsa-MGF1`]: pss('sha256', 32),
  [`${MORE_2007}sha384-rsa-MGF1`]: pss('sha384', 48),
  [`${MORE_2007}sha512-rsa-MGF1`]: pss('sha512', 64),
  [`${MORE_2007}sha3-224-rsa-MGF1`]: pss('sha3-224', 28),
  [`${MORE_2007}sha3-256-rsa-MGF1`]: pss('sha3-256', 32),
  [`${MORE_2007}sha3-384-rsa-MGF1`]: pss('sha3-384', 48),
  [`${MORE_2007}sha3-512-rsa-MGF1`]: pss('sha3-512', 64),
  [`${MORE}ecdsa-sha1`]: ecdsa('sha1'),
  [`${MORE}ecdsa-sha224`]: ecdsa('sha224'),
  [`${MORE}ecdsa-sha256`]: ecdsa('sha256'),
  [`${MORE}ecdsa-sha384`]: ecdsa('sha384'),
  [`${MORE}ecdsa-sha512`]: ecdsa('sha512'),
  [`${MORE_2021}ecdsa-sha3-224`]: ecdsa('sha3-224'),
  [`${MORE_2021}ecdsa-sha3-256`]: ecdsa('sha3-256'),
  [`${MORE_2021}ecdsa-sha3-384`]: ecdsa('sha3-384'),
  [`${MORE_2021}ecdsa-sha3-512`]: ecdsa('sha3-512'),
  [`${DSIG}dsa-sha1`]: dsa('sha1'),
  'http://www.w3.org/2009/xmldsig11#dsa-sha256': dsa('sha256'),
  [`${MORE_2021}eddsa-ed25519`]: EDDSA,
  [`${MORE_2021}eddsa-ed448`]: EDDSA,
}

/** Signature OIDs of CMS and X.509 that need no parameters (RFC 8017, 5758, 8410). PSS is read from its parameters. */
export const OID_SIGNATURES: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.4': rsa('md5'),
  '1.2.840.113549.1.1.5': rsa('sha1'),
  '1.2.840.113549.1.1.14': rsa('sha224'),
  '1.2.840.113549.1.1.11': rsa('sha256'),
  '1.2.840.113549.1.1.12': rsa('sha384'),
  '1.2.840.113549.1.1.13': rsa('sha512'),
  '1.2.840.113549.1.1.15': rsa('sha512-224'),
  '1.2.840.113549.1.1.16': rsa('sha512-256'),
  '1.2.840.10045.4.1': ecdsa('sha1'),
  '1.2.840.10045.4.3.1': ecdsa('sha224'),
  '1.2.840.10045.4.3.2': ecdsa('sha256'),
  '1.2.840.10045.4.3.3': ecdsa('sha384'),
  '1.2.840.10045.4.3.4': ecdsa('sha512'),
  '1.3.14.3.2.29': rsa('sha1'),
  '1.3.36.3.3.1.2': rsa('ripemd160'),
  [`${PLAIN}.1`]: plain('sha1'),
  [`${PLAIN}.2`]: plain('sha224'),
  [`${PLAIN}.3`]: plain('sha256'),
  [`${PLAIN}.4`]: plain('sha384'),
  [`${PLAIN}.5`]: plain('sha512'),
  '1.2.840.10040.4.3': dsa('sha1'),
  '1.3.14.3.2.27': dsa('sha1'),
  '2.16.840.1.101.3.4.3.1': dsa('sha224'),
  '2.16.840.1.101.3.4.3.2': dsa('sha256'),
  '2.16.840.1.101.3.4.3.9': ecdsa('sha3-224'),
  '2.16.840.1.101.3.4.3.10': ecdsa('sha3-256'),
  '2.16.840.1.101.3.4.3.11': ecdsa('sha3-384'),
  '2.16.840.1.101.3.4.3.12': ecdsa('sha3-512'),
  '2.16.840.1.101.3.4.3.13': rsa('sha3-224'),
  '2.16.840.1.101.3.4.3.14': rsa('sha3-256'),
  '2.16.840.1.101.3.4.3.15': rsa('sha3-384'),
  '2.16.840.1.101.3.4.3.16': rsa('sha3-512'),
  '1.3.101.112': EDDSA,
  '1.3.101.113': EDDSA,
}

export const algorithmName = ({ family, hash }: SignatureAlgorithm): string =>
  hash === null ? family : `${family}-${hash}`

const KEY_TYPES: Record<Family, readonly string[]> = {
  rsa: ['rsa'],
  'rsa-pss': ['rsa', 'rsa-pss'],
  ecdsa: ['ec'],
  eddsa: ['ed25519', 'ed448'],
  dsa: ['dsa'],
}

/** Twice the largest RSA key of any CA in use, and exponents that take a few dozen steps: what is larger costs time. */
const MAX_MODULUS = 8192
const MAX_EXPONENT = 2n ** 33n

/** Whether a key costs no more than keys in use do: a file may bring thousands of its own making. */
export function isAffordableKey({ asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {}
  return modulusLength <= MAX_MODULUS && publicExponent <= MAX_EXPONENT
}

/** Whether a key may be used with an algorithm at all. An RSA exponent below 3 is no key: anyone can sign with it. */
export function keyFits(algorithm: SignatureAlgorithm, key: KeyObject): boolean {
  const exponent = key.asymmetricKeyDetails?.publicExponent
  if ((exponent !== undefined && exponent < 3n) || !isAffordableKey(key)) return false
  return KEY_TYPES[algorithm.family].includes(key.asymmetricKeyType ?? '')
}

const STRONG_CURVES = new Set([
  'prime256v1',
  'secp384r1',
  'secp521r1',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
  'secp256k1',
])

/** At least 112 bits of strength (NIST SP 800-131A): RSA from 2048 bits, curves from 256 bits. */
export function isStrongKey(key: KeyObject): boolean {
  const details = key.asymmetricKeyDetails
  if (key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'rsa-pss')
    return (details?.modulusLength ?? 0) >= 2048
  if (key.asymmetricKeyType === 'ec') return STRONG_CURVES.has(details?.namedCurve ?? '')
  return key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'ed448'
}

export const isStrong = (algorithm: SignatureAlgorithm, key: KeyObject): boolean =>
  isStrongKey(key) &&
  !(algorithm.hash !== null && HASHES[algorithm.hash].weak) &&
  !(algorithm.maskHash !== undefined && HASHES[algorithm.maskHash].weak)

/** ECDSA values are a DER SEQUENCE in CMS and X.509 (RFC 5480), r and s side by side in XML (RFC 6931) and JWS. */
export type EcdsaEncoding = 'der' | 'ieee-p1363'

export const verifierInput = (algorithm: SignatureAlgorithm, key: KeyObject, dsaEncoding: EcdsaEncoding) => ({
  key,
  dsaEncoding: algorithm.isPlain === true ? ('ieee-p1363' as const) : dsaEncoding,
  ...(algorithm.family === 'rsa' && { padding: constants.RSA_PKCS1_PADDING }),
  ...(algorithm.family === 'rsa-pss' && {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: algorithm.saltLength ?? constants.RSA_PSS_SALTLEN_AUTO,
  }),
})

/** Whether `value` is the signature of `signed` under `key`. A value of the wrong shape is false, not an error. */
export function fits(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  signed: Uint8Array,
  value: Uint8Array,
  encoding: EcdsaEncoding,
): boolean {
  try {
    if (algorithm.maskHash !== undefined) return fitsPss(algorithm, key, digestOf(algorithm, signed), value)
    return verify(algorithm.hash, signed, verifierInput(algorithm, key, encoding), value)
  } catch {
    return false
  }
}

const digestOf = ({ hash }: SignatureAlgorithm, signed: Uint8Array): Buffer =>
  createHash(hash ?? 'sha1')
    .update(signed)
    .digest()

/** The same over a stream; not for EdDSA, which needs the content twice. */
export async function fitsStream(
  algorithm: SignatureAlgorithm & { readonly hash: HashName },
  key: KeyObject,
  signed: AsyncIterable<Uint8Array>,
  value: Uint8Array,
): Promise<boolean> {
  const verifier = createVerify(algorithm.hash)
  for await (const chunk of signed) verifier.update(chunk)
  try {
    return verifier.verify(verifierInput(algorithm, key, 'der'), value)
  } catch {
    return false
  }
}
