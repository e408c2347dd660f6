import { bodyOf, type Der, DerError, DerReader, derAt, insideOf, readDer, TAG, wholeOf } from './der.ts'
import { integerBytes, octetsOfBits, timeOf } from './der-values.ts'
import { EXTENSION, type Extension, readExtensions } from './extensions.ts'
import { readGeneralNames } from './general-name.ts'
import { type IssuingPoint, readIssuingPoint } from './issuing-point.ts'
import { type Name, readName } from './name.ts'
import { readSignedWith, type SignedWith } from './signed-data.ts'

/** A CertificateList (RFC 5280 §5), read and checked for its form; its entries stay in the bytes. */
export interface Crl {
  readonly der: Uint8Array
  readonly tbs: Uint8Array
  readonly signedWith: SignedWith
  readonly signature: Uint8Array
  readonly issuer: Name
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  readonly number: bigint | undefined
  /** Of a delta CRL: the number of the complete CRL that it begins from. */
  readonly deltaBase: bigint | undefined
  readonly issuingPoint: IssuingPoint | undefined
  /** The extension as it stands, to compare the scope of a delta with that of its base. */
  readonly scope: string
  readonly authorityKeyId: string | undefined
  /** From when on expired certificates stay on the list (X.509 §9.5.2.12). */
  readonly expiredFrom: Date | undefined
  /** An extension of the list or of an entry that is critical and not read here: then the list says nothing (§5.2, §5.3). */
  readonly unreadCritical: string | undefined
  /** Where each entry begins. */
  readonly entries: Uint32Array
  /** By position among the entries: from there on, of indirect CRLs, the issuer of the certificates. */
  readonly issuersFrom: ReadonlyMap<number, readonly string[]>
}

const CRL_NUMBER = '2.5.29.20'
const DELTA_INDICATOR = '2.5.29.27'
const ISSUING_POINT = '2.5.29.28'
const EXPIRED_ON_CRL = '2.5.29.60'
const CERTIFICATE_ISSUER = '2.5.29.29'
const REASON_CODE = '2.5.29.21'
const INVALIDITY_DATE = '2.5.29.24'
const READ_IN_LIST = new Set<string>([
  CRL_NUMBER,
  DELTA_INDICATOR,
  ISSUING_POINT,
  EXTENSION.authorityKeyId,
  EXTENSION.issuerAltName,
  EXTENSION.freshestCrl,
  EXPIRED_ON_CRL,
])
const READ_IN_ENTRY = new Set([CERTIFICATE_ISSUER, REASON_CODE, INVALIDITY_DATE])

const MAX_CRL = 64 << 20
const READ = new WeakMap<Uint8Array, Crl | DerError>()

/**
 * Reads a CRL from DER. The same bytes object is read once.
 * @throws DerError
 */
export function readCrl(der: Uint8Array): Crl {
  const known = READ.get(der)
  const found = known ?? attempt(der)
  if (known === undefined) READ.set(der, found)
  if (found instanceof DerError) throw found
  return found
}

function attempt(der: Uint8Array): Crl | DerError {
  try {
    if (der.length > MAX_CRL) throw new DerError('too large')
    return read(der)
  } catch (error) {
    if (error instanceof DerError) return error
    throw error
  }
}

function read(der: Uint8Array): Crl {
  const outer = new DerReader(readDer(der))
  const tbs = outer.take(TAG.sequence)
  const signedWith = readSignedWith(outer.take(TAG.sequence))
  const signature = octetsOfBits(outer.take(TAG.bitString))
  outer.finish()
  const reader = new DerReader(tbs)
  const version = reader.optional(TAG.integer)
  if (version !== undefined && Buffer.compare(integerBytes(version), Buffer.of(1)) !== 0)
    throw new DerError('version')
  if (readSignedWith(reader.take(TAG.sequence)).hex !== signedWith.hex) throw new DerError('algorithm')
  const issuer = readName(reader.take())
  const thisUpdate = timeOf(reader.take())
  const next = reader.optional(TAG.utcTime) ?? reader.optional(TAG.generalizedTime)
  const list = reader.optional(TAG.sequence)
  const tagged = reader.optional(0xa0)
  reader.finish()
  const extensions = tagged === undefined ? [] : readExtensions(insideOf(tagged, TAG.sequence))
  const entries = readEntries(list)
  if (version === undefined && (tagged !== undefined || entries.extended)) throw new DerError('version')
  const find = (oid: string): Extension | undefined => extensions.find((one) => one.oid === oid)
  const unread = extensions.find(({ oid, critical }) => critical && !READ_IN_LIST.has(oid))
  return {
    der,
    tbs: wholeOf(tbs),
    signedWith,
    signature,
    issuer,
    thisUpdate,
    nextUpdate: next && timeOf(next),
    number: numberIn(find(CRL_NUMBER)),
    deltaBase: numberIn(find(DELTA_INDICATOR)),
    issuingPoint: readIssuingPoint(find(ISSUING_POINT)?.value),
    scope: Buffer.from(find(ISSUING_POINT)?.value ?? []).toString('hex'),
    authorityKeyId: keyIdIn(find(EXTENSION.authorityKeyId)),
    expiredFrom: timeIn(find(EXPIRED_ON_CRL)),
    unreadCritical: unread?.oid ?? entries.unreadCritical,
    entries: entries.starts,
    issuersFrom: entries.issuersFrom,
  }
}

function numberIn(extension: Extension | undefined): bigint | undefined {
  if (extension === undefined) return undefined
  const body = integerBytes(readDer(extension.value, TAG.integer))
  if (body[0]! >= 0x80 || body.length > 21) throw new DerError('CRL number')
  return BigInt(`0x${Buffer.from(body).toString('hex')}`)
}

function keyIdIn(extension: Extension | undefined): string | undefined {
  if (extension === undefined) return undefined
  const keyId = new DerReader(readDer(extension.value)).optional(0x80)
  return keyId && Buffer.from(bodyOf(keyId)).toString('hex')
}

const timeIn = (extension: Extension | undefined): Date | undefined =>
  extension && timeOf(readDer(extension.value, TAG.generalizedTime))

interface Entries {
  readonly starts: Uint32Array
  readonly issuersFrom: ReadonlyMap<number, readonly string[]>
  readonly unreadCritical: string | undefined
  /** Whether an entry has extensions. */
  readonly extended: boolean
}

/** Checks the form of every entry, once: a list with a broken entry is no list. */
function readEntries(list: Der | undefined): Entries {
  const starts: number[] = []
  const issuersFrom = new Map<number, string[]>()
  let unreadCritical: string | undefined
  let extended = false
  for (let at = list?.body ?? 0; list !== undefined && at < list.end; ) {
    const entry = derAt(list.bytes, at, list.end)
    const { extensions } = entryParts(entry)
    if (extensions !== undefined) {
      extended = true
      if (!isReasonAlone(extensions)) {
        for (const { oid, critical, value } of readExtensions(extensions)) {
          if (critical && !READ_IN_ENTRY.has(oid)) unreadCritical ??= oid
          if (oid === CERTIFICATE_ISSUER) issuersFrom.set(starts.length, issuerKeys(value))
        }
      }
    }
    starts.push(at)
    at = entry.end
  }
  return { starts: Uint32Array.from(starts), issuersFrom, unreadCritical, extended }
}

function entryParts(entry: Der): { serial: Uint8Array; date: Der; extensions: Der | undefined } {
  const reader = new DerReader(entry)
  const serial = integerBytes(reader.take(TAG.integer))
  const date = reader.take()
  if (date.tag !== TAG.utcTime && date.tag !== TAG.generalizedTime) throw new DerError('revocation date')
  const extensions = reader.optional(TAG.sequence)
  reader.finish()
  return { serial, date, extensions }
}

/** A lone reasonCode, as nearly every entry of a large list has it: not worth reading until it is asked for. */
const REASON_ALONE = Buffer.from('300c300a0603551d1504030a01', 'hex')
function isReasonAlone(extensions: Der): boolean {
  if (extensions.end - extensions.start !== REASON_ALONE.length + 1) return false
  return REASON_ALONE.every((octet, index) => extensions.bytes[extensions.start + index] === octet)
}

const issuerKeys = (value: Uint8Array): string[] =>
  readGeneralNames(readDer(value, TAG.sequence)).flatMap(({ name }) => (name === undefined ? [] : [name.key]))

export interface CrlEntry {
  readonly revokedAt: Date
  /** Number of REVOCATION_REASONS. */
  readonly reason: number | undefined
  readonly invalidFrom: Date | undefined
}

/** The entry of a certificate, by the contents of its serial number and the key of its issuer's name. @throws DerError */
export function findEntry(crl: Crl, serial: Uint8Array, issuerKey: string): CrlEntry | undefined {
  let issuers: readonly string[] = [crl.issuer.key]
  const { der, entries, issuersFrom } = crl
  for (let index = 0; index < entries.length; index++) {
    issuers = issuersFrom.get(index) ?? issuers
    if (!hasSerial(der, entries[index]!, serial) || !issuers.includes(issuerKey)) continue
    const { date, extensions } = entryParts(derAt(der, entries[index]!, der.length))
    const read = extensions === undefined ? [] : readExtensions(extensions)
    const find = (oid: string) => read.find((one) => one.oid === oid)?.value
    const [reason, since] = [find(REASON_CODE), find(INVALIDITY_DATE)]
    return {
      revokedAt: timeOf(date),
      reason: reason && bodyOf(readDer(reason, TAG.enumerated))[0],
      invalidFrom: since && timeOf(readDer(since, TAG.generalizedTime)),
    }
  }
  return undefined
}

function hasSerial(der: Uint8Array, start: number, serial: Uint8Array): boolean {
  const length = der[start + 1]!
  const at = start + (length < 0x80 ? 2 : 2 + length - 0x80)
  if (der[at + 1] !== serial.length) return false
  for (let index = 0; index < serial.length; index++) if (der[at + 2 + index] !== serial[index]) return false
  return true
}
