import { sign } from 'node:crypto'
import {
  context,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  tlv,
} from '../../src/signature/der-writer.ts'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import type { Certificate } from '../../src/signature/x509/certificate.ts'

export interface Revoked {
  readonly certificate: Certificate
  readonly at: Date
  /** CRLReason (RFC 5280 §5.3.1). */
  readonly reason?: number
}

export interface CrlOptions {
  readonly revoked?: readonly Revoked[]
  /** An hour ago unless told. */
  readonly thisUpdate?: Date
  /** In a day unless told; null leaves it out. */
  readonly nextUpdate?: Date | null
  readonly number?: number
  /** Spoils the signature value. */
  readonly broken?: boolean
}

const HOUR = 60 * 60_000

/** UTCTime in whole seconds: all dates of the fakes lie before 2050. */
export const utcTime = (date: Date): Buffer =>
  tlv(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`))

export const signatureAlgorithm = ({ key }: SigningKey): Buffer =>
  key.asymmetricKeyType === 'rsa'
    ? sequence(oid('1.2.840.113549.1.1.11'), nullValue())
    : sequence(oid('1.2.840.10045.4.3.2'))

export const bitString = (bytes: Uint8Array): Buffer => tlv(0x03, Uint8Array.of(0), bytes)

/** A complete CRL of `issuer` (RFC 5280 §5), DER. */
export function makeCrl(issuer: SigningKey, options: CrlOptions = {}): Buffer {
  const { revoked = [], thisUpdate = new Date(Date.now() - HOUR), number = 1 } = options
  const { nextUpdate = new Date(Date.now() + 24 * HOUR) } = options
  const entries = revoked.map(({ certificate, at, reason }) =>
    sequence(
      integer(Buffer.from(certificate.serial, 'hex')),
      utcTime(at),
      ...(reason === undefined ? [] : [sequence(extension('2.5.29.21', tlv(0x0a, Uint8Array.of(reason))))]),
    ),
  )
  const list = sequence(
    integer(1),
    signatureAlgorithm(issuer),
    Buffer.from(issuer.certificateChain[0]!.subjectDer, 'hex'),
    utcTime(thisUpdate),
    ...(nextUpdate === null ? [] : [utcTime(nextUpdate)]),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    context(0, sequence(authorityKeyId(issuer), extension('2.5.29.20', integer(number)))),
  )
  const value = sign('sha256', list, issuer.key)
  if (options.broken === true) value[value.length - 1]! ^= 1
  return sequence(list, signatureAlgorithm(issuer), bitString(value))
}

const extension = (id: string, value: Uint8Array): Buffer => sequence(oid(id), octetString(value))

const authorityKeyId = (issuer: SigningKey): Buffer =>
  extension(
    '2.5.29.35',
    sequence(tlv(0x80, Buffer.from(issuer.certificateChain[0]!.subjectKeyId ?? '', 'hex'))),
  )
