import { RSASSAPSSParams } from 'pkijs'
import { type HashName, hashByOid, OID_SIGNATURES, type SignatureAlgorithm } from '../algorithms.ts'
import { unverifiable } from '../checks.ts'
import { childrenOf, oidOf } from './asn1.ts'
import type { SignerInfo } from './cms-structure.ts'

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
const RSASSA_PSS = '1.2.840.113549.1.1.10'
const EC_PUBLIC_KEY = '1.2.840.10045.2.1'
const MGF1 = '1.2.840.113549.1.1.8'

/**
 * The algorithm of a SignerInfo. `rsaEncryption` and `id-ecPublicKey` take the hash of digestAlgorithm (RFC 3370
 * §3.2); an algorithm that names its own hash must name the same (RFC 5754 §2), or one of them would go unchecked.
 * @throws SignatureStop `unverifiable`
 */
export function cmsAlgorithm(signer: SignerInfo): { hash: HashName; algorithm: SignatureAlgorithm } {
  const hash = hashByOid(signer.digestOid)
  if (hash === undefined) throw unverifiable('algorithm', 'algorithm-refused', signer.digestOid)
  const algorithm = named(signer, hash)
  if (algorithm === undefined) throw unverifiable('algorithm', 'algorithm-refused', signer.signatureOid)
  if (algorithm.hash !== null && algorithm.hash !== hash) {
    throw unverifiable('algorithm', 'algorithm-refused', `${algorithm.hash} ≠ ${hash}`)
  }
  return { hash, algorithm }
}

function named(
  { signatureOid, signatureParameters }: SignerInfo,
  hash: HashName,
): SignatureAlgorithm | undefined {
  if (signatureOid === RSA_ENCRYPTION) return { family: 'rsa', hash }
  if (signatureOid === EC_PUBLIC_KEY) return { family: 'ecdsa', hash }
  if (signatureOid === RSASSA_PSS) return pss(signatureParameters)
  return Object.hasOwn(OID_SIGNATURES, signatureOid) ? OID_SIGNATURES[signatureOid] : undefined
}

/** RSASSA-PSS parameters (RFC 4055 §3.1). The mask generation must use the same hash: node:crypto knows no other. */
function pss(parameters: SignerInfo['signatureParameters']): SignatureAlgorithm | undefined {
  if (parameters === undefined) return { family: 'rsa-pss', hash: 'sha1', saltLength: 20 }
  const read = new RSASSAPSSParams({ schema: parameters })
  const hash = hashByOid(read.hashAlgorithm.algorithmId)
  const mask = read.maskGenAlgorithm
  const maskHash = hashByOid(oidOf(childrenOf(mask.algorithmParams)[0]) ?? '')
  const isPlain = mask.algorithmId === MGF1 && read.trailerField === 1
  if (hash === undefined || !isPlain || maskHash !== hash) return undefined
  return { family: 'rsa-pss', hash, saltLength: read.saltLength }
}
