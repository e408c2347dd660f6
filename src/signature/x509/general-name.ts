import { bodyOf, childrenOf, type Der, DerError, insideOf, wholeOf } from './der.ts'
import { type Name, readName } from './name.ts'

/** The forms of GeneralName by their tag number (RFC 5280 §4.2.1.6). */
export const NAME_FORMS = [
  'otherName',
  'rfc822Name',
  'dNSName',
  'x400Address',
  'directoryName',
  'ediPartyName',
  'uniformResourceIdentifier',
  'iPAddress',
  'registeredID',
] as const
export type NameForm = (typeof NAME_FORMS)[number]

export interface GeneralName {
  readonly form: NameForm
  /** The text of rfc822Name, dNSName, URI; undefined where that is not ASCII. */
  readonly text?: string
  readonly name?: Name
  /** The octets of an iPAddress, the contents of the other forms. */
  readonly bytes: Uint8Array
  /** Equal keys are equal names. */
  readonly key: string
}

/** Names in one extension: far more than any real certificate has. */
const MAX_NAMES = 5000

/** The names inside a GeneralNames, whatever its tag. @throws DerError where there is none */
export function readGeneralNames(value: Der): GeneralName[] {
  const names = childrenOf(value, MAX_NAMES).map(readGeneralName)
  if (names.length === 0) throw new DerError('no name')
  return names
}

const TEXT_FORMS: readonly NameForm[] = ['rfc822Name', 'dNSName', 'uniformResourceIdentifier']
const CONSTRUCTED: readonly NameForm[] = ['otherName', 'x400Address', 'directoryName', 'ediPartyName']

/** @throws DerError */
export function readGeneralName(value: Der): GeneralName {
  const form = NAME_FORMS[value.tag & 0x1f]
  if (form === undefined || (value.tag & 0xc0) !== 0x80) throw new DerError('general name')
  if (((value.tag & 0x20) !== 0) !== CONSTRUCTED.includes(form)) throw new DerError('general name')
  const bytes = bodyOf(value)
  if (form === 'directoryName') {
    const name = readName(insideOf(value))
    return { form, name, bytes, key: `4:${name.key}` }
  }
  const key = Buffer.from(wholeOf(value)).toString('latin1')
  if (!TEXT_FORMS.includes(form)) return { form, bytes, key }
  const isAscii = bytes.every((octet) => octet < 0x80)
  return isAscii ? { form, text: Buffer.from(bytes).toString('latin1'), bytes, key } : { form, bytes, key }
}
