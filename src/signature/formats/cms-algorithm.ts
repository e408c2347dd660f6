import type { KeyObject } from 'node:crypto'
import { type HashName, hashByOid, OID_SIGNATURES, type SignatureAlgorithm } from '../algorithms.ts'
import { unverifiable } from '../checks.ts'
import { type Ber, childrenOf, integerOf, isContext, isUniversal, oidOf, TAG } from './ber.ts'
import type { SignerInfo } from './cms-structure.ts'

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
const RSASSA_PSS = '1.2.840.113549.1.1.10'
const EC_PUBLIC_KEY = '1.2.840.10045.2.1'
const DSA = '1.2.840.10040.4.1'
const MGF1 = '1.2.840.113549.1.1.8'

type Fields = Pick<SignerInfo, 'digestOid' | 'digestParameters' | 'signatureOid' | 'signatureParameters'>

/**
 * The algorithms of a SignerInfo: digestAlgorithm is of the content, signatureAlgorithm of the value (RFC 5652 §5.3).
 * An algorithm that names only a kind of key takes the hash of digestAlgorithm (RFC 3370 §3); one that names its own
 * hash is held to it. Where the two differ each is checked on its own terms, as both are stated.
 * @throws SignatureStop `unverifiable`
 */
export function cmsAlgorithm(fields: Fields): { hash: HashName; algorithm: SignatureAlgorithm | undefined } {
  const hash = areOfHash(fields.digestParameters) ? hashByOid(fields.digestOid) : undefined
  if (hash === undefined) throw unverifiable('algorithm', 'algorithm-refused', fields.digestOid)
  const algorithm = named(fields, hash)
  const mayNeedKey = hashByOid(fields.signatureOid) === hash
  if (algorithm === undefined && !mayNeedKey)
    throw unverifiable('algorithm', 'algorithm-refused', fields.signatureOid)
  return { hash, algorithm }
}

/** Some signers put the mere hash where the signature algorithm belongs: the key then says the rest. */
export function algorithmOfKey(hash: HashName, key: KeyObject): SignatureAlgorithm | undefined {
  const family = FAMILIES[key.asymmetricKeyType ?? '']
  return family && { family, hash }
}

const FAMILIES: Readonly<Record<string, SignatureAlgorithm['family']>> = {
  rsa: 'rsa',
  ec: 'ecdsa',
  dsa: 'dsa',
}

function named(
  { signatureOid, signatureParameters }: Fields,
  hash: HashName,
): SignatureAlgorithm | undefined {
  const byKey = KEY_OIDS[signatureOid]
  if (byKey !== undefined) return { family: byKey, hash }
  if (signatureOid === RSASSA_PSS) return pss(signatureParameters)
  return Object.hasOwn(OID_SIGNATURES, signatureOid) ? OID_SIGNATURES[signatureOid] : undefined
}

const KEY_OIDS: Readonly<Record<string, SignatureAlgorithm['family']>> = {
  [RSA_ENCRYPTION]: 'rsa',
  [EC_PUBLIC_KEY]: 'ecdsa',
  [DSA]: 'dsa',
}

/**
 * RSASSA-PSS-params (RFC 4055 §3.1): SEQUENCE of [0] hash, [1] mask generation, [2] salt length, [3] trailer field,
 * each with its default. Undefined where something else stands there, or nothing: a signature has them.
 */
export function pss(parameters: Ber | undefined): SignatureAlgorithm | undefined {
  const fields = sequenceOf(parameters)
  if (fields === undefined || !fields.every(isFieldOfPss)) return undefined
  const field = (tag: number) => childrenOf(fields.find((one) => isContext(one, tag)))[0]
  const hash = hashOf(field(0))
  const [maskOid, maskParameters, ...excess] = sequenceOf(field(1)) ?? []
  const maskHash = hashOf(maskParameters)
  const isMgf1 = field(1) === undefined || oidOf(maskOid) === MGF1
  const saltLength = field(2) === undefined ? 20n : integerOf(field(2))
  const trailer = field(3) === undefined ? 1n : integerOf(field(3))
  if (hash === undefined || maskHash === undefined || !isMgf1 || excess.length > 0) return undefined
  if (trailer !== 1n) return undefined
  if (saltLength === undefined || saltLength < 0n || saltLength > 4096n) return undefined
  return {
    family: 'rsa-pss',
    hash,
    saltLength: Number(saltLength),
    ...(maskHash !== hash && { maskHash }),
  }
}

/** Each stands there once, in its order, with one value. */
const isFieldOfPss = (field: Ber, index: number, all: readonly Ber[]): boolean =>
  [0, 1, 2, 3].some((tag) => isContext(field, tag)) &&
  field.tag > (all[index - 1]?.tag ?? -1) &&
  childrenOf(field).length === 1

const sequenceOf = (node: Ber | undefined): readonly Ber[] | undefined =>
  isUniversal(node, TAG.sequence) ? childrenOf(node) : undefined

/** A hash has no parameters but NULL, or none at all (RFC 5754 §2). */
const areOfHash = (parameters: readonly Ber[]): boolean =>
  parameters.length === 0 || (parameters.length === 1 && isUniversal(parameters[0], TAG.null))

function hashOf(algorithm: Ber | undefined): HashName | undefined {
  if (algorithm === undefined) return 'sha1'
  const [oid, ...parameters] = sequenceOf(algorithm) ?? []
  return areOfHash(parameters) ? hashByOid(oidOf(oid) ?? '') : undefined
}
