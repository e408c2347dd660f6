import { childrenOf, type Der, DerError, DerReader, TAG, wholeOf } from './der.ts'
import { oidOf, textOf } from './der-values.ts'

/** One attribute of a distinguished name: its OID and its text. */
export interface NamePart {
  readonly oid: string
  readonly value: string
}

/** A distinguished name, read once, ready to be compared. */
export interface Name {
  readonly parts: readonly NamePart[]
  /** One key for each RDN: equal keys are equal RDNs (RFC 5280 §7.1). */
  readonly rdns: readonly string[]
  /** Equal keys are equal names. */
  readonly key: string
  readonly der: Uint8Array
}

/** Attribute types of RFC 4519 and ETSI EN 319 412, and the Vietnamese UID convention. */
export const NAME = {
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  country: '2.5.4.6',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  title: '2.5.4.12',
  givenName: '2.5.4.42',
  organizationIdentifier: '2.5.4.97',
  userId: '0.9.2342.19200300.100.1.1',
} as const

export const EMAIL_ADDRESS = '1.2.840.113549.1.9.1'

const MAX_ATTRIBUTES = 200

/** Reads a Name (RFC 5280 §4.1.2.4). @throws DerError */
export function readName(value: Der): Name {
  if (value.tag !== TAG.sequence) throw new DerError('name')
  return nameOfRdns(value, childrenOf(value, MAX_ATTRIBUTES))
}

/** A name of the RDNs given, as `nameRelativeToCRLIssuer` needs it; `value` is what its bytes are. @throws DerError */
export function nameOfRdns(value: Der, sets: readonly Der[]): Name {
  const parts: NamePart[] = []
  const rdns = sets.map((set) => {
    if (set.tag !== TAG.set || set.body === set.end) throw new DerError('relative name')
    const keys = childrenOf(set, MAX_ATTRIBUTES).map((one) => {
      const { part, key } = readAttribute(one)
      parts.push(part)
      return key
    })
    return keys.sort().join('\u0001')
  })
  return { parts, rdns, key: rdns.join('\u0002'), der: wholeOf(value) }
}

function readAttribute(attribute: Der): { part: NamePart; key: string } {
  const reader = new DerReader(attribute)
  const oid = oidOf(reader.take(TAG.oid))
  const value = reader.take()
  reader.finish()
  const text = textOf(value)
  const key =
    text === undefined
      ? `${oid}#${Buffer.from(wholeOf(value)).toString('hex')}`
      : `${oid}=${preparedText(text)}`
  return { part: { oid, value: text ?? '' }, key }
}

/**
 * Text as it is compared (RFC 4518): compatible forms and case folded, spaces at the ends dropped and inside made one.
 * Control characters, among them those that join keys here, become spaces or nothing.
 */
function preparedText(text: string): string {
  const plain = /^[\x20-\x7e]*$/.test(text) ? text : text.normalize('NFKC')
  return plain
    .toLowerCase()
    .replace(/[\s\p{Z}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/ {2,}/g, ' ')
    .trim()
}

/** Whether `name` is in the subtree that begins at `base` (RFC 5280 §7.1: its RDNs begin with those of the base). */
export const isWithinName = (name: Name, base: Name): boolean =>
  base.rdns.length <= name.rdns.length && base.rdns.every((rdn, index) => rdn === name.rdns[index])

export const namePart = (name: readonly NamePart[], oid: string): string | undefined =>
  name.find((part) => part.oid === oid)?.value
