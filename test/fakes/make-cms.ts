import { constants, createHash, type KeyObject, sign } from 'node:crypto'
import {
  context,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  setOf,
  tlv,
} from '../../src/signature/der-writer.ts'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'

export const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  'sha3-256': '2.16.840.1.101.3.4.2.8',
  rsaEncryption: '1.2.840.113549.1.1.1',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  sha512WithRsa: '1.2.840.113549.1.1.13',
  sha3WithRsa: '2.16.840.1.101.3.4.3.14',
  pss: '1.2.840.113549.1.1.10',
  mgf1: '1.2.840.113549.1.1.8',
  ecdsaSha256: '1.2.840.10045.4.3.2',
  ecPublicKey: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  counterSignature: '1.2.840.113549.1.9.6',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  signatureTimestamp: '1.2.840.113549.1.9.16.2.14',
} as const

type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'sha3-256'

/** How one signer of a CMS is made: of the honest CAdES-B-B kind where nothing is told. */
export interface CmsSigner {
  readonly by: SigningKey
  readonly hash?: HashName
  /** An AlgorithmIdentifier, where it must say something else than `hash`. */
  readonly digestAlgorithm?: Buffer
  /** AlgorithmIdentifier of the value; by the key and the hash unless told. */
  readonly algorithm?: Buffer
  readonly pss?: { readonly saltLength: number }
  /** ECDSA as BSI TR-03111 has it: r and s side by side. */
  readonly plain?: boolean
  readonly withoutAttributes?: boolean
  /** Takes the place of the attributes, or adds to them. */
  readonly attributes?: (honest: readonly Buffer[]) => readonly Buffer[]
  /** The order in which attributes are written, where it is not that of DER. */
  readonly written?: (attributes: readonly Buffer[]) => readonly Buffer[]
  /** Signs the attributes as they are written, not their DER. */
  readonly signsAsWritten?: boolean
  readonly byKeyId?: boolean
  readonly unsigned?: (value: Buffer) => readonly Buffer[]
  /** Spoils the signature value. */
  readonly broken?: boolean
}

export interface CmsShape {
  readonly detached?: boolean
  readonly contentType?: string
  /** Of the content inside, where it is not what was signed. */
  readonly shown?: Buffer
  readonly withoutCertificates?: boolean
  /** The signers' own certificates alone. */
  readonly leafOnly?: boolean
  /** Elements of `crls`. */
  readonly revocations?: readonly Uint8Array[]
  /** Indefinite lengths around everything, and the content in pieces. */
  readonly ber?: boolean
}

export const algorithm = (id: string): Buffer => sequence(oid(id), nullValue())
export const attribute = (type: string, ...values: readonly Uint8Array[]): Buffer =>
  sequence(oid(type), setOf(...values))
export const digestOf = (hash: string, bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest()

/** A value with an indefinite length (X.690 §8.1.3.6). */
export const indefinite = (tag: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Uint8Array.of(tag, 0x80), ...parts, Uint8Array.of(0, 0)])

/** A ContentInfo with SignedData over some content (RFC 5652). */
export function makeCms(content: Uint8Array, signers: readonly CmsSigner[], shape: CmsShape = {}): Buffer {
  const type = shape.contentType ?? OID.data
  const open = shape.ber === true ? indefinite : tlv
  const inside = octets(shape.shown ?? content, shape.ber === true)
  const certificates = signers.flatMap(({ by }) =>
    by.certificateChain.slice(0, shape.leafOnly === true ? 1 : undefined).map(({ der }) => der),
  )
  const signedData = open(
    0x30,
    integer(1),
    setOf(...new Set(signers.map(({ hash = 'sha256' }) => algorithm(OID[hash])))),
    open(0x30, oid(type), ...(shape.detached === true ? [] : [open(0xa0, inside)])),
    ...(shape.withoutCertificates === true ? [] : [open(0xa0, ...certificates)]),
    ...(shape.revocations === undefined ? [] : [context(1, ...shape.revocations)]),
    tlv(0x31, ...signers.map((signer) => makeSignerInfo(content, type, signer))),
  )
  return open(0x30, oid(OID.signedData), open(0xa0, signedData))
}

function octets(content: Uint8Array, inPieces: boolean): Buffer {
  if (!inPieces) return octetString(content)
  const middle = Math.floor(content.length / 2)
  return indefinite(0x24, octetString(content.subarray(0, middle)), octetString(content.subarray(middle)))
}

/** One SignerInfo; without a content type it is a countersignature over a value (RFC 5652 §11.4). */
export function makeSignerInfo(content: Uint8Array, type: string | undefined, signer: CmsSigner): Buffer {
  const { by, hash = 'sha256' } = signer
  const certificate = by.certificateChain[0]!
  const honest = [
    ...(type === undefined ? [] : [attribute(OID.contentType, oid(type))]),
    attribute(OID.messageDigest, octetString(digestOf(hash, content))),
    attribute(
      OID.signingCertificateV2,
      sequence(sequence(sequence(octetString(digestOf('sha256', certificate.der))))),
    ),
  ]
  const attributes = signer.attributes?.(honest) ?? honest
  const der = setOf(...attributes)
  const written = tlv(
    0x31,
    ...(signer.written?.([...attributes].sort(Buffer.compare)) ?? [...attributes].sort(Buffer.compare)),
  )
  const signed = signer.withoutAttributes === true ? content : signer.signsAsWritten === true ? written : der
  const value = signatureOver(signed, by.key, hash, signer)
  if (signer.broken === true) value[value.length - 1]! ^= 1
  const unsigned = signer.unsigned?.(value) ?? []
  return sequence(
    integer(1),
    signer.byKeyId === true
      ? tlv(0x80, Buffer.from(certificate.subjectKeyId!, 'hex'))
      : sequence(Buffer.from(certificate.issuerDer, 'hex'), integer(Buffer.from(certificate.serial, 'hex'))),
    signer.digestAlgorithm ?? algorithm(OID[hash]),
    ...(signer.withoutAttributes === true ? [] : [Buffer.concat([Uint8Array.of(0xa0), written.subarray(1)])]),
    signer.algorithm ?? algorithmOf(by.key, hash, signer),
    octetString(value),
    ...(unsigned.length === 0 ? [] : [context(1, ...unsigned)]),
  )
}

function signatureOver(
  signed: Uint8Array,
  key: KeyObject,
  hash: HashName,
  { pss, plain }: CmsSigner,
): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return sign(null, signed, key)
  if (plain === true) return sign(hash, signed, { key, dsaEncoding: 'ieee-p1363' })
  if (pss === undefined) return sign(hash, signed, key)
  return sign(hash, signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pss.saltLength })
}

/** RSASSA-PSS-params (RFC 4055 §3.1). */
export const pssAlgorithm = (hash: HashName, maskHash: HashName, saltLength: number): Buffer =>
  sequence(
    oid(OID.pss),
    sequence(
      context(0, algorithm(OID[hash])),
      context(1, sequence(oid(OID.mgf1), algorithm(OID[maskHash]))),
      context(2, integer(saltLength)),
    ),
  )

function algorithmOf(key: KeyObject, hash: HashName, { pss, plain }: CmsSigner): Buffer {
  if (plain === true) return sequence(oid('0.4.0.127.0.7.1.1.4.1.3'))
  if (key.asymmetricKeyType === 'ed25519') return sequence(oid(OID.ed25519))
  if (key.asymmetricKeyType === 'ec') return sequence(oid(OID.ecdsaSha256))
  return pss === undefined ? algorithm(OID.rsaEncryption) : pssAlgorithm(hash, hash, pss.saltLength)
}
