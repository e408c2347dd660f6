import { createHash } from 'node:crypto'
import { context, integer, nullValue, octetString, oid, sequence, setOf } from '../der-writer.ts'
import { type Signer, schemeOf } from '../keys/signer.ts'
import type { Certificate } from '../x509/certificate.ts'

/** Asks for a timestamp token (RFC 3161, DER) over a SHA-256 digest. @throws whatever keeps it from coming */
export type Stamp = (sha256: Uint8Array) => Promise<Uint8Array>

const ID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  timestampToken: '1.2.840.113549.1.9.16.2.14',
} as const

/**
 * A detached CMS signature as PAdES has it (ETSI EN 319 142-1 §6.3): content-type, message-digest and
 * signing-certificate-v2, SHA-256, the chain along; level B-B, or B-T with a timestamp over its value. DER.
 * @param digest the SHA-256 of what is signed
 */
export async function signPdfCms(
  digest: Uint8Array,
  signer: Signer,
  stamp: Stamp | null,
): Promise<Uint8Array> {
  const own = signer.certificateChain[0]!
  const attributes = [
    attribute(ID.contentType, oid(ID.data)),
    attribute(ID.messageDigest, octetString(digest)),
    attribute(ID.signingCertificateV2, sequence(sequence(sequence(octetString(sha256(own.der)))))),
  ]
  const scheme = schemeOf(signer.publicKey)
  const value = await signer.sign(scheme, 'sha256', setOf(...attributes))
  const written = scheme === 'ecdsa' ? ecdsaValue(value) : value
  const token = stamp === null ? undefined : await stamp(sha256(written))
  const signerInfo = sequence(
    integer(1),
    issuerAndSerial(own),
    HASH,
    implicitSet(0, attributes),
    scheme === 'ecdsa' ? sequence(oid(ID.ecdsaWithSha256)) : sequence(oid(ID.sha256WithRsa), nullValue()),
    octetString(written),
    ...(token === undefined ? [] : [implicitSet(1, [attribute(ID.timestampToken, token)])]),
  )
  const signedData = sequence(
    integer(1),
    setOf(HASH),
    sequence(oid(ID.data)),
    implicitSet(
      0,
      signer.certificateChain.map(({ der }) => der),
    ),
    setOf(signerInfo),
  )
  return sequence(oid(ID.signedData), context(0, signedData))
}

const HASH = sequence(oid(ID.sha256), nullValue())
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const attribute = (type: string, value: Uint8Array): Buffer => sequence(oid(type), setOf(value))

/** A SET OF under a context tag; signed attributes are signed as the SET itself (RFC 5652 §5.4). */
const implicitSet = (tag: number, members: readonly Uint8Array[]): Buffer =>
  context(tag, ...[...members].sort(Buffer.compare))

/** Issuer and serial number as they stand in the certificate. */
const issuerAndSerial = ({ issuerDer, serial }: Certificate): Buffer =>
  sequence(Buffer.from(issuerDer, 'hex'), integer(Buffer.from(serial, 'hex')))

/** r and s side by side (IEEE P1363) as Ecdsa-Sig-Value (RFC 3279 §2.2.3). */
function ecdsaValue(value: Uint8Array): Buffer {
  const half = value.length / 2
  return sequence(integer(value.subarray(0, half)), integer(value.subarray(half)))
}
