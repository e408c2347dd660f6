import { KeyFault } from './key-fault.ts'
/** What a PKCS#11 URI (RFC 7512) says of a key. Labels are compared as they are; PINs never stand in the URI itself. */
export interface Pkcs11Uri {
  /** File of the module, `module-path`. */
  readonly modulePath: string
  readonly token: TokenTraits
  readonly slotId: number | undefined
  /** Label of the key, `object`. */
  readonly object: string | undefined
  /** CKA_ID of the key in lower-case hex. */
  readonly id: string | undefined
  /** File that holds the PIN, `pin-source`. */
  readonly pinSource: string | undefined
}

export interface TokenTraits {
  readonly label: string | undefined
  readonly serialNumber: string | undefined
  readonly manufacturer: string | undefined
  readonly model: string | undefined
}

const PATH = ['token', 'serial', 'manufacturer', 'model', 'slot-id', 'object', 'id', 'type'] as const
const QUERY = ['module-path', 'pin-source'] as const

export const isPkcs11Uri = (text: string): boolean => /^pkcs11:/i.test(text)

/**
 * Reads `pkcs11:token=…;object=…?module-path=…&pin-source=file:…` (RFC 7512 §2.3).
 * @throws Error where it is malformed, names no module or no key, holds a PIN, or an attribute that is not known here:
 *   one passed over might have told keys apart
 */
export function parsePkcs11Uri(uri: string): Pkcs11Uri {
  if (!isPkcs11Uri(uri)) throw new KeyFault('uri-none')
  const [path = '', query = '', ...more] = uri.slice('pkcs11:'.length).split('?')
  if (more.length > 0) throw new KeyFault('uri-queries')
  if (/(?:^|&)pin-value=/.test(query)) throw new KeyFault('uri-pin')
  const where = attributesOf(path, ';', PATH)
  const how = attributesOf(query, '&', QUERY)
  const modulePath = how.get('module-path')?.toString()
  if (!modulePath) throw new KeyFault('uri-module')
  const type = where.get('type')?.toString() ?? 'private'
  if (type !== 'private') throw new KeyFault('uri-type')
  const [object, id] = [where.get('object')?.toString(), where.get('id')?.toString('hex')]
  if (object === undefined && id === undefined) throw new KeyFault('uri-object')
  return {
    modulePath,
    token: {
      label: where.get('token')?.toString(),
      serialNumber: where.get('serial')?.toString(),
      manufacturer: where.get('manufacturer')?.toString(),
      model: where.get('model')?.toString(),
    },
    slotId: slotOf(where.get('slot-id')?.toString()),
    object,
    id,
    pinSource: how
      .get('pin-source')
      ?.toString()
      .replace(/^file:(?:\/\/(?=\/))?/, ''),
  }
}

function slotOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new KeyFault('uri-slot')
  return Number(text)
}

/** Percent-encoded bytes by their names, each once. */
function attributesOf(text: string, separator: string, known: readonly string[]): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  for (const part of text.split(separator).filter((one) => one !== '')) {
    const [, name, value] = /^([a-z][a-z-]*)=(.*)$/s.exec(part) ?? []
    if (name === undefined || value === undefined) throw new KeyFault('uri-attribute')
    if (!known.includes(name)) throw new KeyFault('uri-unknown', { found: name })
    if (found.has(name)) throw new KeyFault('uri-twice', { found: name })
    found.set(name, decode(value))
  }
  return found
}

function decode(value: string): Buffer {
  if (/%(?![0-9A-Fa-f]{2})/.test(value)) throw new KeyFault('uri-attribute')
  const binary = Buffer.from(value, 'utf8').toString('latin1')
  const bytes = binary.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}
