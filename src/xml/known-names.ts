import { isPlainName, isPlainNamespace } from './plain.ts'

export interface QName {
  readonly name: string
  readonly prefix: string
  readonly local: string
  /** The name of the element that followed the last time. */
  next: QName | undefined
}

/** Names and namespaces that are kept from file to file: those of all formats in use are far fewer, and come again. */
const MOST_KEPT = 2000
const names = new Map<string, QName>()
const namespaces = new Map<string, string>()

/** The same text as one that is held once, apart from the file that it was cut out of, and compared at a glance. */
const held = (text: string): string => Object.keys({ [text]: true })[0]!

/** A plain QName (`isPlainName`) in its parts; undefined where it is none. */
export function plainQName(name: string): QName | undefined {
  const known = names.get(name)
  if (known !== undefined) return known
  if (!isPlainName(name)) return undefined
  const colon = name.indexOf(':')
  const prefix = colon < 0 ? '' : held(name.slice(0, colon))
  const parts: QName = { name: held(name), prefix, local: held(name.slice(colon + 1)), next: undefined }
  keep(names, parts.name, parts)
  return parts
}

/** The URI of a plain namespace (`isPlainNamespace`); undefined where it is none. */
export function plainNamespace(uri: string): string | undefined {
  const known = namespaces.get(uri)
  if (known !== undefined) return known
  if (!isPlainNamespace(uri)) return undefined
  const kept = held(uri)
  keep(namespaces, kept, kept)
  return kept
}

function keep<T>(kept: Map<string, T>, key: string, value: T): void {
  if (kept.size >= MOST_KEPT) kept.clear()
  kept.set(key, value)
}
