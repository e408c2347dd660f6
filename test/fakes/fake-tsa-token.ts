import { createHash, randomBytes, sign } from 'node:crypto'
import {
  boolean,
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
import type { Certificate } from '../../src/signature/x509/certificate.ts'

export const SHA256 = '2.16.840.1.101.3.4.2.1'
/** A policy of nobody, below the arc for examples (ITU-T X.660 §A.3). */
export const FAKE_TSA_POLICY = '2.999.3161.1'

export interface TokenOptions {
  /** The digest that the token stands over. */
  readonly imprint: Uint8Array
  /** Of the imprint; SHA-256 unless told. */
  readonly hashOid?: string
  readonly genTime?: Date
  readonly nonce?: Uint8Array
  readonly policyOid?: string
  /** Seconds; 1 unless told. */
  readonly accuracy?: number
  readonly ordering?: boolean
  /** Whether the TSA's chain goes along; it does unless told. */
  readonly certificates?: boolean
  /** Spoils the signature value. */
  readonly broken?: boolean
}

/** An RFC 3161 TimeStampToken, DER: SignedData over TSTInfo with SHA-256 and signing-certificate-v2 (RFC 5816). */
export function makeToken(tsa: SigningKey, options: TokenOptions): Buffer {
  const info = tstInfo(options)
  const attributes = signedAttributes(info, tsa.certificateChain[0]!)
  const value = sign('sha256', attributes, tsa.key)
  if (options.broken === true) value[value.length - 1]! ^= 1
  const signedData = sequence(
    integer(3),
    setOf(algorithm(SHA256)),
    sequence(oid(TST_INFO), context(0, octetString(info))),
    ...(options.certificates === false ? [] : [context(0, ...tsa.certificateChain.map(({ der }) => der))]),
    setOf(signerInfo(tsa, attributes, value)),
  )
  return sequence(oid('1.2.840.113549.1.7.2'), context(0, signedData))
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4'

const algorithm = (id: string): Buffer => sequence(oid(id), nullValue())

/** GeneralizedTime; a fraction has no zeros at its end (RFC 3161 §2.4.2). */
export function generalizedTime(date: Date): Buffer {
  const text = date
    .toISOString()
    .replace(/[-:T]/g, '')
    .replace(/(\.\d*?)0+Z$/, '$1Z')
    .replace('.Z', 'Z')
  return tlv(0x18, Buffer.from(text))
}

function tstInfo(options: TokenOptions): Buffer {
  const { imprint, hashOid = SHA256, genTime = new Date(), policyOid = FAKE_TSA_POLICY } = options
  return sequence(
    integer(1),
    oid(policyOid),
    sequence(algorithm(hashOid), octetString(imprint)),
    integer(randomBytes(8)),
    generalizedTime(genTime),
    sequence(integer(options.accuracy ?? 1)),
    ...(options.ordering === true ? [boolean(true)] : []),
    ...(options.nonce === undefined ? [] : [integer(options.nonce)]),
  )
}

const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const attribute = (type: string, value: Uint8Array): Buffer => sequence(oid(type), setOf(value))

/** As they are signed: under the tag of a SET OF (RFC 5652 §5.4). */
const signedAttributes = (info: Uint8Array, signer: Certificate): Buffer =>
  setOf(
    attribute('1.2.840.113549.1.9.3', oid(TST_INFO)),
    attribute('1.2.840.113549.1.9.4', octetString(digest(info))),
    attribute('1.2.840.113549.1.9.16.2.47', sequence(sequence(sequence(octetString(digest(signer.der)))))),
  )

const SIGNATURE_ALGORITHM: Record<string, Buffer> = {
  rsa: algorithm('1.2.840.113549.1.1.11'),
  ec: sequence(oid('1.2.840.10045.4.3.2')),
}

function signerInfo({ certificateChain, key }: SigningKey, attributes: Buffer, value: Uint8Array): Buffer {
  const signer = certificateChain[0]!
  const implicit = Buffer.from(attributes)
  implicit[0] = 0xa0
  return sequence(
    integer(1),
    sequence(Buffer.from(signer.issuerDer, 'hex'), integer(Buffer.from(signer.serial, 'hex'))),
    algorithm(SHA256),
    implicit,
    SIGNATURE_ALGORITHM[key.asymmetricKeyType!]!,
    octetString(value),
  )
}
