import { type KeyObject, verify } from 'node:crypto'
import {
  fits,
  HASHES,
  type HashName,
  hashByOid,
  isStrongKey,
  OID_SIGNATURES,
  type SignatureAlgorithm,
} from '../algorithms.ts'
import { bodyOf, type Der, DerError, DerReader, insideOf, readDer, TAG, wholeOf } from './der.ts'
import { countOf, octetsOfBits, oidOf } from './der-values.ts'
import { KEY_OID, readSubjectKey, type SubjectKey } from './subject-key.ts'

/** `unsupported`: the algorithm, or the key's kind, is not known here. */
export type Fit = 'fits' | 'wrong' | 'unsupported'

/** An AlgorithmIdentifier of a signature in X.509, a CRL or OCSP. */
export interface SignedWith {
  readonly oid: string
  readonly parameters: Der | undefined
  /** The whole AlgorithmIdentifier in hex: the inner and the outer one must be the same. */
  readonly hex: string
}

/** @throws DerError */
export function readSignedWith(value: Der): SignedWith {
  const reader = new DerReader(value)
  const oid = oidOf(reader.take(TAG.oid))
  const parameters = reader.more ? reader.take() : undefined
  reader.finish()
  return { oid, parameters, hex: Buffer.from(wholeOf(value)).toString('hex') }
}

const RSASSA_PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'

/** RFC 3279 §2.2.2, RFC 5758 §3.1: parameters absent. */
const DSA_HASHES: Readonly<Record<string, HashName>> = {
  '1.2.840.10040.4.3': 'sha1',
  '2.16.840.1.101.3.4.3.1': 'sha224',
  '2.16.840.1.101.3.4.3.2': 'sha256',
  '2.16.840.1.101.3.4.3.3': 'sha384',
  '2.16.840.1.101.3.4.3.4': 'sha512',
}

/** ML-DSA-44, -65, -87 (RFC 9881): the key's OID is the signature's. Verified where node:crypto can. */
const ML_DSA = new Set(['2.16.840.1.101.3.4.3.17', '2.16.840.1.101.3.4.3.18', '2.16.840.1.101.3.4.3.19'])

/** Families of `OID_SIGNATURES` by the kind of key that they need. */
const KEY_OF_FAMILY: Readonly<Record<SignatureAlgorithm['family'], readonly string[]>> = {
  rsa: [KEY_OID.rsa],
  'rsa-pss': [KEY_OID.rsa, KEY_OID.rsaPss],
  ecdsa: [KEY_OID.ec],
  eddsa: [KEY_OID.ed25519, KEY_OID.ed448],
  dsa: [KEY_OID.dsa],
}

/** Whether `value` is the signature of `signed` under `key`. Never throws. */
export function checkSignedData(
  how: SignedWith,
  key: SubjectKey,
  signed: Uint8Array,
  value: Uint8Array,
): Fit {
  const dsa = DSA_HASHES[how.oid]
  if (dsa !== undefined) {
    if (how.parameters !== undefined || key.algorithm !== KEY_OID.dsa) return 'wrong'
    return verified(key.key, (known) => verify(dsa, signed, { key: known, dsaEncoding: 'der' }, value))
  }
  if (ML_DSA.has(how.oid)) {
    if (how.parameters !== undefined || key.algorithm !== how.oid || key.parameters !== undefined)
      return 'wrong'
    return verified(key.key, (known) => verify(null, signed, known, value))
  }
  const algorithm = algorithmOf(how)
  if (algorithm === 'wrong' || algorithm === undefined) return algorithm ?? 'unsupported'
  if (!KEY_OF_FAMILY[algorithm.family].includes(key.algorithm)) return 'wrong'
  if (algorithm.family === 'eddsa' && key.algorithm !== how.oid) return 'wrong'
  if (key.key === undefined && algorithm.family !== 'ecdsa') return 'wrong'
  return verified(key.key, (known) => fits(algorithm, known, signed, value, 'der'))
}

function verified(key: KeyObject | undefined, check: (key: KeyObject) => boolean): Fit {
  if (key === undefined) return 'unsupported'
  try {
    return check(key) ? 'fits' : 'wrong'
  } catch {
    return 'wrong'
  }
}

function algorithmOf(how: SignedWith): SignatureAlgorithm | 'wrong' | undefined {
  if (how.oid === RSASSA_PSS) return pssOf(how.parameters)
  const algorithm = Object.hasOwn(OID_SIGNATURES, how.oid) ? OID_SIGNATURES[how.oid] : undefined
  if (algorithm === undefined || how.parameters === undefined) return algorithm
  const isNull = how.parameters.tag === TAG.null && bodyOf(how.parameters).length === 0
  return algorithm.family === 'rsa' && isNull ? algorithm : 'wrong'
}

/** RSASSA-PSS-params (RFC 4055 §3.1). node:crypto uses one hash for message and mask. */
function pssOf(parameters: Der | undefined): SignatureAlgorithm | 'wrong' | undefined {
  if (parameters === undefined) return 'wrong'
  try {
    const reader = new DerReader(parameters)
    const hash = hashOf(reader.optional(0xa0))
    const mask = reader.optional(0xa1)
    const salt = reader.optional(0xa2)
    const trailer = reader.optional(0xa3)
    reader.finish()
    if (trailer !== undefined && countOf(insideOf(trailer, TAG.integer)) !== 1) return 'wrong'
    if (hash === undefined || maskHash(mask) !== hash) return undefined
    return { family: 'rsa-pss', hash, saltLength: salt ? countOf(insideOf(salt, TAG.integer)) : 20 }
  } catch (error) {
    if (error instanceof DerError) return 'wrong'
    throw error
  }
}

const hashOf = (tagged: Der | undefined): HashName | undefined =>
  tagged === undefined ? 'sha1' : hashByOid(readSignedWith(insideOf(tagged)).oid)

function maskHash(tagged: Der | undefined): HashName | undefined {
  if (tagged === undefined) return 'sha1'
  const mask = readSignedWith(insideOf(tagged))
  if (mask.oid !== MGF1 || mask.parameters === undefined) return undefined
  return hashByOid(readSignedWith(mask.parameters).oid)
}

/** Of today's strength; weak but not known to be forged in certificates; or broken, for any purpose. */
export type Strength = 'strong' | 'weak' | 'broken'

/** How strong the algorithm of a signature is: MD5 has been used to forge certificates, SHA-1 in documents. */
export function algorithmStrength(how: SignedWith): Strength {
  const algorithm = algorithmOf(how)
  const hash = DSA_HASHES[how.oid] ?? (typeof algorithm === 'object' ? algorithm.hash : null)
  if (hash === 'md5') return 'broken'
  return hash !== null && HASHES[hash].weak ? 'weak' : 'strong'
}

/** RSA and DSA below 1024 bits are broken by anyone; below 112 bits of strength they are weak. */
export function keyStrength({ key }: SubjectKey): Strength {
  if (key === undefined) return 'strong'
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined && modulusLength < 1024) return 'broken'
  if (publicExponent !== undefined && publicExponent < 3n) return 'broken'
  return isStrongKey(key) || key.asymmetricKeyType?.startsWith('ml-dsa') ? 'strong' : 'weak'
}

/**
 * Whether `value` is the signature of `signed`: AlgorithmIdentifier and SubjectPublicKeyInfo in DER, the value as the
 * BIT STRING that X.509 puts it in. Bytes that are no such structures are `wrong`.
 */
export function checkSignedDataDer(
  algorithm: Uint8Array,
  spki: Uint8Array,
  signed: Uint8Array,
  value: Uint8Array,
): Fit {
  try {
    const bits = octetsOfBits(readDer(value))
    return checkSignedData(readSignedWith(readDer(algorithm)), readSubjectKey(readDer(spki)), signed, bits)
  } catch (error) {
    if (error instanceof DerError) return 'wrong'
    throw error
  }
}
