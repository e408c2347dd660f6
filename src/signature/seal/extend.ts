import { createHash } from 'node:crypto'
import type { SealLevel } from '../../domain/seal-level.ts'
import type { ValidationMaterial } from '../validation-material.ts'
import { DSIG, EXCLUSIVE, XADES, XADES_141 } from './names.ts'
import { sealParts, withUnsigned } from './parts.ts'

/*
 * Lifts a seal of our own from XAdES-B-B to B-T, B-LT and B-LTA (ETSI EN 319 132-1 §6). What is there stays byte for
 * byte: properties are put into the text. Each is written in the form that exclusive canonicalisation gives it, with
 * its namespaces declared, so that the octets that later timestamps stand over are the text itself.
 */

const SIGNATURE_TIMESTAMP = '<xades:SignatureTimeStamp '
const ARCHIVE_TIMESTAMP = '<xades141:ArchiveTimeStamp '
const REVOCATION_VALUES = '<xades:RevocationValues '

/** What the seal is, by the properties that it holds. @throws RangeError where it is not of our making */
export function sealLevelOf(xades: Uint8Array): SealLevel {
  const { unsigned } = sealParts(xades)
  if (unsigned.includes(ARCHIVE_TIMESTAMP)) return 'B-LTA'
  if (unsigned.includes(REVOCATION_VALUES)) return 'B-LT'
  return unsigned.includes(SIGNATURE_TIMESTAMP) ? 'B-T' : 'B-B'
}

/** The octets that a signature timestamp stands over: the canonical ds:SignatureValue (§5.3). @throws RangeError */
export const signatureTimestampInput = (xades: Uint8Array): Uint8Array =>
  Buffer.from(sealParts(xades).signatureValue)

/** B-T: adds the token over `signatureTimestampInput`. @throws RangeError */
export function withSignatureTimestamp(xades: Uint8Array, token: Uint8Array): Uint8Array {
  const { id, unsigned } = sealParts(xades)
  if (unsigned !== '') throw new RangeError('the seal has unsigned properties already')
  return withUnsigned(
    xades,
    `${SIGNATURE_TIMESTAMP}xmlns:xades="${XADES}" Id="${id}-timestamp">${METHOD}` +
      `<xades:EncapsulatedTimeStamp>${base64(token)}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>`,
  )
}

/** Certificates, CRLs and OCSP responses by which the seal and its timestamp can be judged without a network. */
export interface SealMaterial {
  readonly seal: ValidationMaterial
  readonly timestamp: ValidationMaterial
}

/** B-LT: adds what proves the certificates (§5.4, §5.5.1). @throws RangeError where there is no timestamp */
export function withValidationData(xades: Uint8Array, material: SealMaterial): Uint8Array {
  const { id } = sealParts(xades)
  const level = sealLevelOf(xades)
  if (level !== 'B-T') throw new RangeError(`the seal is ${level}`)
  return withUnsigned(
    xades,
    timestampValidationData(`${id}-timestamp`, material.timestamp) +
      certificateValues(material.seal) +
      revocationValues(material.seal),
  )
}

/** An object under the seal, read once, in the order of the seal. */
export type SealedOctets = () => AsyncIterable<Uint8Array>

/**
 * SHA-256 over what an archive timestamp stands over (§5.5.2.2): the data of all references, then SignedInfo,
 * SignatureValue, KeyInfo, and the unsigned properties so far.
 * @throws RangeError where the objects are not those that were sealed; whatever reading them throws
 */
export async function archiveImprint(
  xades: Uint8Array,
  objects: readonly SealedOctets[],
): Promise<Uint8Array> {
  const parts = sealParts(xades)
  if (objects.length !== parts.objectDigests.length)
    throw new RangeError(`${objects.length} objects, ${parts.objectDigests.length} are sealed`)
  const imprint = createHash('sha256')
  for (const [index, open] of objects.entries()) {
    const own = createHash('sha256')
    for await (const chunk of open()) {
      own.update(chunk)
      imprint.update(chunk)
    }
    if (own.digest('base64') !== parts.objectDigests[index])
      throw new RangeError(`object ${index} is not what was sealed`)
  }
  for (const part of ['signedProperties', 'signedInfo', 'signatureValue', 'keyInfo', 'unsigned'] as const)
    imprint.update(parts[part])
  return imprint.digest()
}

/**
 * B-LTA: adds the token over `archiveImprint`, the first or the next. What proves the TSA of the timestamp before it is
 * added beforehand, by `withTimestampMaterial`. @throws RangeError where the seal is not B-LT
 */
export function withArchiveTimestamp(xades: Uint8Array, token: Uint8Array): Uint8Array {
  const { id, unsigned } = sealParts(xades)
  requireValidationData(xades)
  const number = unsigned.split(ARCHIVE_TIMESTAMP).length
  return withUnsigned(
    xades,
    `${ARCHIVE_TIMESTAMP}xmlns:xades141="${XADES_141}" Id="${id}-archive${number}">${METHOD}` +
      `<xades:EncapsulatedTimeStamp xmlns:xades="${XADES}">${base64(token)}</xades:EncapsulatedTimeStamp>` +
      `</xades141:ArchiveTimeStamp>`,
  )
}

/** Adds what proves the TSA of the newest archive timestamp, before the next one is put over it. @throws RangeError */
export function withTimestampMaterial(xades: Uint8Array, material: ValidationMaterial): Uint8Array {
  const { id, unsigned } = sealParts(xades)
  const number = unsigned.split(ARCHIVE_TIMESTAMP).length - 1
  if (number === 0) throw new RangeError('the seal has no archive timestamp')
  return withUnsigned(xades, timestampValidationData(`${id}-archive${number}`, material))
}

/** The token of the newest timestamp of the seal, DER; undefined where it has none. @throws RangeError */
export function newestToken(xades: Uint8Array): Uint8Array | undefined {
  const found = [
    ...sealParts(xades).unsigned.matchAll(/<xades:EncapsulatedTimeStamp(?: [^>]*)?>([^<]+)</g),
  ].at(-1)?.[1]
  return found === undefined ? undefined : Buffer.from(found, 'base64')
}

function requireValidationData(xades: Uint8Array): void {
  const level = sealLevelOf(xades)
  if (level === 'B-B' || level === 'B-T') throw new RangeError(`the seal is ${level}`)
}

const METHOD = `<ds:CanonicalizationMethod xmlns:ds="${DSIG}" Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod>`

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const certificateValues = ({ certificates }: ValidationMaterial): string =>
  certificates.length === 0
    ? ''
    : `<xades:CertificateValues xmlns:xades="${XADES}">` +
      `${values(
        'EncapsulatedX509Certificate',
        certificates.map(({ der }) => der),
      )}</xades:CertificateValues>`

/** There even where it holds nothing: it says that the seal was lifted to B-LT. */
const revocationValues = ({ crls, ocsps }: ValidationMaterial): string =>
  `${REVOCATION_VALUES}xmlns:xades="${XADES}">` +
  `${list('CRLValues', 'EncapsulatedCRLValue', crls)}${list('OCSPValues', 'EncapsulatedOCSPValue', ocsps)}` +
  `</xades:RevocationValues>`

const timestampValidationData = (timestampId: string, material: ValidationMaterial): string =>
  `<xades141:TimeStampValidationData xmlns:xades141="${XADES_141}" URI="#${timestampId}">` +
  `${certificateValues(material)}${revocationValues(material)}</xades141:TimeStampValidationData>`

const list = (outer: string, inner: string, items: readonly Uint8Array[]): string =>
  items.length === 0 ? '' : `<xades:${outer}>${values(inner, items)}</xades:${outer}>`

const values = (name: string, items: readonly Uint8Array[]): string =>
  items.map((item) => `<xades:${name}>${base64(item)}</xades:${name}>`).join('')
