import type { XmlElementNode, XmlTextNode } from './nodes.ts'

/** The octets of a file, and the same with one character for each. */
export interface Octets {
  readonly bytes: Buffer
  readonly text: string
}

const isAscii = (text: string): boolean => !/[\x80-\xff]/.test(text)

/** The characters of a part, references resolved. */
export function charactersOf({ bytes, text }: Octets, from: number, to: number): string {
  const part = text.slice(from, to)
  return decode(isAscii(part) ? part : bytes.toString('utf8', from, to))
}

/** Most texts are never looked at: they are decoded when they are. */
export class PlainText implements XmlTextNode {
  readonly kind = 'text'
  readonly parent: XmlElementNode
  readonly order: number
  readonly #octets: Octets
  readonly #from: number
  readonly #to: number

  constructor(octets: Octets, from: number, to: number, parent: XmlElementNode, order: number) {
    this.parent = parent
    this.order = order
    this.#octets = octets
    this.#from = from
    this.#to = to
  }

  /** As it is written; not to be changed. */
  octets(): Buffer {
    return this.#octets.bytes.subarray(this.#from, this.#to)
  }

  get value(): string {
    return charactersOf(this.#octets, this.#from, this.#to)
  }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const decode = (text: string): string =>
  text.includes('&') ? text.replace(/&([a-z]+);/g, (_, name: string) => ENTITIES[name]!) : text
