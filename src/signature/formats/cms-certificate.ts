import { createHash, KeyObject } from 'node:crypto'
import { type HashName, hashByOid } from '../algorithms.ts'
import type { Certificate } from '../x509/certificate.ts'
import { type Ber, childrenOf, isUniversal, octetsOf, oidOf, TAG } from './ber.ts'
import { type AttributeList, hasAttribute, valuesOf } from './cms-attributes.ts'
import type { SignerId, SignerInfo } from './cms-structure.ts'

const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12'
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'

/** A digest of the certificate that the signer signed along (RFC 5035 §4); hash undefined where it is not known. */
interface CertificateId {
  readonly hash: HashName | undefined
  readonly digest: Buffer | undefined
}

interface NamedCertificate {
  readonly certificate: Certificate | undefined
  /** Whether the signed attributes name it by digest; null where they name none. */
  readonly named: boolean | null
}

/**
 * The signer's certificate: the one that the SignerIdentifier names (RFC 5652 §5.3). Where several do, the one that
 * the signed attributes name by its digest goes before.
 */
function findSigner(
  sid: SignerId,
  attributes: AttributeList | undefined,
  certificates: readonly Certificate[],
): NamedCertificate {
  const candidates = certificates.filter((one) => isNamedBy(one, sid))
  const ids = certificateIds(attributes)
  if (ids === undefined) return { certificate: candidates[0], named: null }
  const isNamed = (one: Certificate) => ids.length > 0 && ids.every((id) => matches(id, one))
  const certificate = candidates.find(isNamed) ?? candidates[0]
  return { certificate, named: certificate !== undefined && isNamed(certificate) }
}

export interface SignerKey {
  readonly certificate: Certificate | undefined
  readonly key: KeyObject | undefined
  /** Whether the signed attributes name the certificate by digest; null where they name none, or it is not known. */
  readonly named: boolean | null
}

/** The key to check a signature with: the one that is given from outside, or that of the certificate it names. */
export function signerOf(
  { sid, signedAttributes }: Pick<SignerInfo, 'sid' | 'signedAttributes'>,
  certificates: readonly Certificate[],
  given: KeyObject | Certificate | undefined,
): SignerKey {
  if (given === undefined) {
    const { certificate, named } = findSigner(sid, signedAttributes, certificates)
    return { certificate, key: certificate?.publicKey, named }
  }
  if (given instanceof KeyObject) return { certificate: undefined, key: given, named: null }
  const { named } = findSigner(sid, signedAttributes, [given])
  return { certificate: given, key: given.publicKey, named }
}

const isNamedBy = (one: Certificate, sid: SignerId): boolean =>
  'keyId' in sid
    ? one.subjectKeyId === sid.keyId
    : one.issuerDer === sid.issuerDer && one.serial === sid.serial

/**
 * SigningCertificate(V2) ::= SEQUENCE { certs SEQUENCE OF ESSCertID(v2), ... }; the first of `certs` is the signer's
 * (RFC 5035 §5.4). All that stand there must speak of the same certificate. Undefined where neither attribute does.
 */
function certificateIds(attributes: AttributeList | undefined): CertificateId[] | undefined {
  const types = [SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2].filter((type) => hasAttribute(attributes, type))
  if (types.length === 0) return undefined
  return types.flatMap((type) =>
    valuesOf(attributes, type).map((value) =>
      certificateId(childrenOf(childrenOf(value)[0])[0], type === SIGNING_CERTIFICATE ? 'sha1' : 'sha256'),
    ),
  )
}

/** ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT sha256, certHash OCTET STRING, issuerSerial OPTIONAL }. */
function certificateId(node: Ber | undefined, fallback: HashName): CertificateId {
  const [first, second] = childrenOf(node)
  if (!isUniversal(first, TAG.sequence)) return { hash: fallback, digest: octetsOf(first) }
  return { hash: hashByOid(oidOf(childrenOf(first)[0]) ?? ''), digest: octetsOf(second) }
}

const matches = ({ hash, digest }: CertificateId, { der }: Certificate): boolean =>
  hash !== undefined && digest !== undefined && createHash(hash).update(der).digest().equals(digest)
