import { type Certificate, parseCertificates } from './certificate.ts'
import { bodyOf, childrenOf, type Der, DerError, DerReader, insideOf, readDer, TAG, wholeOf } from './der.ts'
import { countOf, integerBytes, octetsOfBits, oidOf, timeOf } from './der-values.ts'
import { type Extension, readExtensions } from './extensions.ts'
import { type Name, readName } from './name.ts'
import { readSignedWith, type SignedWith } from './signed-data.ts'

/** What one SingleResponse says (RFC 6960 §4.2.1). */
export interface SingleResponse {
  readonly hashOid: string
  readonly issuerNameHash: string
  readonly issuerKeyHash: string
  readonly serial: Uint8Array
  readonly status: 'good' | 'revoked' | 'unknown'
  readonly revokedAt: Date | undefined
  readonly reason: number | undefined
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  readonly extensions: readonly Extension[]
}

/** A successful OCSPResponse with its BasicOCSPResponse. */
export interface OcspResponse {
  readonly der: Uint8Array
  readonly tbs: Uint8Array
  readonly signedWith: SignedWith
  readonly signature: Uint8Array
  readonly responder: { readonly name?: Name; readonly keyHash?: string }
  readonly producedAt: Date
  readonly responses: readonly SingleResponse[]
  readonly extensions: readonly Extension[]
  readonly certificates: readonly Certificate[]
}

/** OCSPResponseStatus by number. */
const STATUSES: Readonly<Record<number, string>> = {
  0: 'successful',
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
}
const ID_PKIX_OCSP_BASIC = '1.3.6.1.5.5.7.48.1.1'
const MAX_RESPONSES = 1000
const MAX_CERTIFICATES = 20

/**
 * The status of an OCSPResponse, and the BasicOCSPResponse in it where the status is `successful`.
 * @throws DerError where the structure is not that of a response, or it is successful without a basic response
 */
export function readOcsp(der: Uint8Array): { readonly status: string; readonly response?: OcspResponse } {
  const reader = new DerReader(readDer(der))
  const number = bodyOf(reader.take(TAG.enumerated))
  const tagged = reader.optional(0xa0)
  reader.finish()
  const status = number.length === 1 ? STATUSES[number[0]!] : undefined
  if (status === undefined) throw new DerError('response status')
  if (status !== 'successful') return { status }
  if (tagged === undefined) throw new DerError('no response bytes')
  const bytes = new DerReader(insideOf(tagged, TAG.sequence))
  if (oidOf(bytes.take(TAG.oid)) !== ID_PKIX_OCSP_BASIC) throw new DerError('kind of response')
  const basic = bytes.take(TAG.octetString)
  bytes.finish()
  return { status, response: readBasic(der, insideOf(basic)) }
}

function readBasic(der: Uint8Array, basic: Der): OcspResponse {
  const reader = new DerReader(basic)
  const data = reader.take(TAG.sequence)
  const signedWith = readSignedWith(reader.take(TAG.sequence))
  const signature = octetsOfBits(reader.take(TAG.bitString))
  const tagged = reader.optional(0xa0)
  reader.finish()
  const certificates = tagged ? childrenOf(insideOf(tagged, TAG.sequence), MAX_CERTIFICATES).map(wholeOf) : []
  const fields = new DerReader(data)
  const version = fields.optional(0xa0)
  if (version !== undefined && countOf(insideOf(version, TAG.integer)) !== 0) throw new DerError('version')
  const responder = readResponder(fields.take())
  const producedAt = timeOf(fields.take(TAG.generalizedTime))
  const responses = childrenOf(fields.take(TAG.sequence), MAX_RESPONSES).map(readSingle)
  const extensions = readTagged(fields)
  fields.finish()
  return {
    der,
    tbs: wholeOf(data),
    signedWith,
    signature,
    responder,
    producedAt,
    responses,
    extensions,
    certificates: parseCertificates(certificates),
  }
}

const readTagged = (fields: DerReader): Extension[] => {
  const tagged = fields.optional(0xa1)
  return tagged === undefined ? [] : readExtensions(insideOf(tagged, TAG.sequence))
}

function readResponder(value: Der): OcspResponse['responder'] {
  if (value.tag === 0xa1) return { name: readName(insideOf(value)) }
  if (value.tag === 0xa2) return { keyHash: hex(bodyOf(insideOf(value, TAG.octetString))) }
  throw new DerError('responder')
}

function readSingle(value: Der): SingleResponse {
  const reader = new DerReader(value)
  const id = new DerReader(reader.take(TAG.sequence))
  const hashOid = readSignedWith(id.take(TAG.sequence)).oid
  const [name, key] = [id.take(TAG.octetString), id.take(TAG.octetString)]
  const serial = integerBytes(id.take(TAG.integer))
  id.finish()
  const status = reader.take()
  const thisUpdate = timeOf(reader.take(TAG.generalizedTime))
  const next = reader.optional(0xa0)
  const extensions = readTagged(reader)
  reader.finish()
  return {
    hashOid,
    issuerNameHash: hex(bodyOf(name)),
    issuerKeyHash: hex(bodyOf(key)),
    serial,
    ...readStatus(status),
    thisUpdate,
    nextUpdate: next && timeOf(insideOf(next, TAG.generalizedTime)),
    extensions,
  }
}

type Status = Pick<SingleResponse, 'status' | 'revokedAt' | 'reason'>

function readStatus(value: Der): Status {
  if (value.tag === 0x80) return { status: 'good', revokedAt: undefined, reason: undefined }
  if (value.tag === 0x82) return { status: 'unknown', revokedAt: undefined, reason: undefined }
  if (value.tag !== 0xa1) throw new DerError('certificate status')
  const reader = new DerReader(value, 0xa1)
  const revokedAt = timeOf(reader.take(TAG.generalizedTime))
  const reason = reader.optional(0xa0)
  reader.finish()
  return { status: 'revoked', revokedAt, reason: reason && bodyOf(insideOf(reason, TAG.enumerated))[0] }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
