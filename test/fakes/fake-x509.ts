import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
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
import { type Certificate, parseCertificate } from '../../src/signature/x509/certificate.ts'

/** A certificate with its key, to issue others with. */
export interface Made {
  readonly certificate: Certificate
  readonly privateKey: KeyObject
  readonly name: Buffer
}

export interface MakeOptions {
  /** A common name, or the DER of a Name. */
  readonly subject: string | Buffer
  readonly issuer?: Made
  /** In place of the issuer's name. */
  readonly issuerName?: Buffer
  readonly extensions?: readonly Buffer[]
  readonly key?: 'p256' | 'rsa-1024' | Made
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly serial?: number
  /** 3 unless told. */
  readonly version?: 1 | 3
  /** Spoils the signature value. */
  readonly broken?: boolean
}

const YEAR = 365 * 86_400_000
const utcTime = (date: Date): Buffer =>
  tlv(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`))

export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text))
export const printable = (text: string): Buffer => tlv(0x13, Buffer.from(text, 'latin1'))
export const ia5 = (text: string): Buffer => tlv(0x16, Buffer.from(text, 'latin1'))

/** A Name of one attribute in each RDN. */
export const nameOf = (...parts: readonly (readonly [type: string, value: Buffer])[]): Buffer =>
  sequence(...parts.map(([type, value]) => setOf(sequence(oid(type), value))))

export const commonName = (text: string): Buffer => nameOf(['2.5.4.3', utf8(text)])

export const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value))

export const basicConstraints = (pathLength?: number): Buffer =>
  extension(
    '2.5.29.19',
    sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])),
    true,
  )
/** First octet of the bits: digitalSignature 0x80, keyCertSign 0x04, cRLSign 0x02. */
export const keyUsage = (bits: number): Buffer =>
  extension('2.5.29.15', tlv(0x03, Uint8Array.of(0, bits)), true)
export const extendedKeyUsage = (...oids: readonly string[]): Buffer =>
  extension('2.5.29.37', sequence(...oids.map(oid)))
export const policies = (...oids: readonly string[]): Buffer =>
  extension('2.5.29.32', sequence(...oids.map((one) => sequence(oid(one)))))
export const policyMappings = (...pairs: readonly (readonly [string, string])[]): Buffer =>
  extension('2.5.29.33', sequence(...pairs.map(([from, to]) => sequence(oid(from), oid(to)))))

/** GeneralName by its tag number; a directoryName is wrapped. */
export const generalName = (form: number, value: Buffer): Buffer =>
  form === 4 ? context(4, value) : tlv(0x80 + form, value)
export const alternativeNames = (...names: readonly Buffer[]): Buffer =>
  extension('2.5.29.17', sequence(...names))
export const nameConstraints = (permitted: readonly Buffer[], excluded: readonly Buffer[]): Buffer =>
  extension(
    '2.5.29.30',
    sequence(
      ...(permitted.length === 0 ? [] : [context(0, ...permitted.map((one) => sequence(one)))]),
      ...(excluded.length === 0 ? [] : [context(1, ...excluded.map((one) => sequence(one)))]),
    ),
    true,
  )

export const CA = [basicConstraints(), keyUsage(0x06)]

let serials = 1

/** Makes a certificate, signed by `issuer` or by itself. EC P-256 unless told. */
export function make(options: MakeOptions): Made {
  const { issuer, extensions = [], version = 3 } = options
  const name = typeof options.subject === 'string' ? commonName(options.subject) : options.subject
  const { publicKey, privateKey } = keysOf(options.key ?? 'p256')
  const signer = issuer?.privateKey ?? privateKey
  const algorithm =
    signer.asymmetricKeyType === 'rsa'
      ? sequence(oid('1.2.840.113549.1.1.11'), nullValue())
      : sequence(oid('1.2.840.10045.4.3.2'))
  const tbs = sequence(
    ...(version === 3 ? [context(0, integer(2))] : []),
    integer(options.serial ?? serials++),
    algorithm,
    options.issuerName ?? issuer?.name ?? name,
    sequence(
      utcTime(options.notBefore ?? new Date(Date.now() - YEAR)),
      utcTime(options.notAfter ?? new Date(Date.now() + YEAR)),
    ),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [context(3, sequence(...extensions))]),
  )
  const value = sign('sha256', tbs, signer)
  if (options.broken) value[value.length - 1]! ^= 1
  const der = sequence(tbs, algorithm, tlv(0x03, Uint8Array.of(0), value))
  return { certificate: parseCertificate(der), privateKey, name }
}

function keysOf(key: NonNullable<MakeOptions['key']>): { publicKey: KeyObject; privateKey: KeyObject } {
  if (typeof key === 'object') return { publicKey: key.certificate.publicKey, privateKey: key.privateKey }
  if (key === 'rsa-1024') return generateKeyPairSync('rsa', { modulusLength: 1024 })
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

export const keyIdOf = (made: Made): Buffer => createHash('sha1').update(made.certificate.key.bits).digest()
