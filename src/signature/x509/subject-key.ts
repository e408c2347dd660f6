import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { isAffordableKey } from '../algorithms.ts'
import { bodyOf, type Der, DerReader, readDer, TAG, wholeOf } from './der.ts'
import { octetsOfBits, oidOf } from './der-values.ts'

/** A SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), read as far as this runtime knows its kind. */
export interface SubjectKey {
  readonly spki: Uint8Array
  readonly algorithm: string
  /** DER of the parameters; undefined where absent. */
  readonly parameters: Uint8Array | undefined
  readonly bits: Uint8Array
  /** Undefined where node:crypto knows no such key, or its bytes are none. */
  readonly key: KeyObject | undefined
  /** Whether the parameters are ones that the standards permit for the algorithm. */
  readonly parametersFit: boolean
  /** Hex of SHA-256 over the whole: keys are equal where this is. */
  readonly id: string
}

export const KEY_OID = {
  rsa: '1.2.840.113549.1.1.1',
  rsaPss: '1.2.840.113549.1.1.10',
  ec: '1.2.840.10045.2.1',
  dsa: '1.2.840.10040.4.1',
  ed25519: '1.3.101.112',
  ed448: '1.3.101.113',
} as const

/** RFC 8410 §3, RFC 9881 §2. */
const WITHOUT_PARAMETERS: readonly string[] = [
  KEY_OID.ed25519,
  KEY_OID.ed448,
  '2.16.840.1.101.3.4.3.17', // ML-DSA-44, -65, -87
  '2.16.840.1.101.3.4.3.18',
  '2.16.840.1.101.3.4.3.19',
]

/** @throws DerError where the structure is not that of a key */
export function readSubjectKey(value: Der): SubjectKey {
  const reader = new DerReader(value)
  const algorithm = new DerReader(reader.take(TAG.sequence))
  const oid = oidOf(algorithm.take(TAG.oid))
  const parameters = algorithm.more ? algorithm.take() : undefined
  algorithm.finish()
  const bits = octetsOfBits(reader.take(TAG.bitString))
  reader.finish()
  const spki = wholeOf(value)
  const parametersFit = areParametersFit(oid, parameters)
  return {
    spki,
    algorithm: oid,
    parameters: parameters && wholeOf(parameters),
    bits,
    key: parametersFit ? keyOf(spki) : undefined,
    parametersFit,
    id: createHash('sha256').update(spki).digest('hex'),
  }
}

/** RFC 3279 §2.3, 4055 §1.2, 5480 §2.1: NULL for RSA (often left out), a named curve for EC. */
const PARAMETERS: Readonly<Record<string, (parameters: Der | undefined) => boolean>> = {
  [KEY_OID.rsa]: (parameters) => parameters === undefined || isNull(parameters),
  [KEY_OID.ec]: (parameters) => parameters?.tag === TAG.oid,
  ...Object.fromEntries(
    WITHOUT_PARAMETERS.map((oid) => [oid, (parameters: Der | undefined) => parameters === undefined]),
  ),
}

const areParametersFit = (oid: string, parameters: Der | undefined): boolean =>
  PARAMETERS[oid]?.(parameters) ?? true

const isNull = (value: Der): boolean => value.tag === TAG.null && bodyOf(value).length === 0

function keyOf(spki: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    return isAffordableKey(key) ? key : undefined
  } catch {
    return undefined
  }
}

/** The key with the parameters of the issuer's, where it has none of its own (RFC 5280 §6.1.4 (e)): DSA only. */
export function withInheritedParameters(own: SubjectKey, issuer: SubjectKey): SubjectKey {
  if (own.algorithm !== KEY_OID.dsa || own.parameters !== undefined) return own
  if (issuer.algorithm !== KEY_OID.dsa || issuer.parameters === undefined) return own
  const oid = wholeOf(readDer(Buffer.from('06072a8648ce380401', 'hex')))
  const algorithm = sequence(0x30, Buffer.concat([oid, issuer.parameters]))
  const bits = sequence(0x03, Buffer.concat([Buffer.of(0), own.bits]))
  return readSubjectKey(readDer(sequence(0x30, Buffer.concat([algorithm, bits]))))
}

/** The key of each certificate of a path, from the leaf upwards, with what it takes from those above. */
export function workingKeys(path: readonly { readonly key: SubjectKey }[]): SubjectKey[] {
  const keys = path.map(({ key }) => key)
  for (let index = keys.length - 2; index >= 0; index--) {
    keys[index] = withInheritedParameters(keys[index]!, keys[index + 1]!)
  }
  return keys
}

function sequence(tag: number, body: Buffer): Buffer {
  const { length } = body
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), body])
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), body])
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), body])
}
