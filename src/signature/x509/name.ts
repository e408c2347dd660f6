import type { RelativeDistinguishedNames } from 'pkijs'

/** One attribute of a distinguished name: its OID and its text. */
export interface NamePart {
  readonly oid: string
  readonly value: string
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

export function nameParts(name: RelativeDistinguishedNames): NamePart[] {
  return name.typesAndValues.map(({ type, value }) => ({
    oid: type,
    value:
      'value' in value.valueBlock && typeof value.valueBlock.value === 'string' ? value.valueBlock.value : '',
  }))
}

export const namePart = (name: readonly NamePart[], oid: string): string | undefined =>
  name.find((part) => part.oid === oid)?.value
