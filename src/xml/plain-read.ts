import { isUtf8 } from 'node:buffer'
import { plainNamespace, plainQName, type QName } from './known-names.ts'
import type { XmlAttributeNode, XmlChild, XmlElementNode, XmlRoot } from './nodes.ts'
import { isPlainDeclaration, MAX_PLAIN_ATTRIBUTES, MAX_PLAIN_DEPTH, plainStart } from './plain.ts'
import { charactersOf, type Octets, PlainText } from './plain-text.ts'

/** Ends the reading of what is not plain. */
const NOT_PLAIN = new Error('not plain')

/**
 * Builds the tree of XML of which nothing is known; undefined where it is not plain all through (`plain.ts`), so that
 * whether it is well-formed is for another parser to say. It keeps the octets, and tells where they are not canonical.
 * @param utf8 without a byte order mark
 */
export function readPlainXml(utf8: Buffer): XmlRoot | undefined {
  if (!isUtf8(utf8)) return undefined
  let [bytes, text] = [utf8, utf8.toString('latin1')]
  if (text.includes('\r')) {
    text = text.replace(/\r\n?/g, '\n')
    bytes = Buffer.from(text, 'latin1')
  }
  const start = plainStart(bytes, text)
  if (start === undefined) return undefined
  try {
    return new PlainReader({ bytes, text }).read(start)
  } catch (error) {
    if (error === NOT_PLAIN) return undefined
    throw error
  }
}

/** An element whose end is still to come. */
interface OpenElement extends XmlElementNode {
  children: XmlChild[]
  to: number
}

type Scope = ReadonlyMap<string, string>
type Pair = readonly [name: string, value: string]

const EMPTY: Scope = new Map()
const NO_PAIRS: Pair[] = []
const NO_ATTRIBUTES: XmlAttributeNode[] = []
const NO_CHILDREN: XmlChild[] = []
/** More places that are not canonical are not worth a look. */
const MAX_ODD = 64
/** Namespaces in scope of the elements that declare some, together. */
const MAX_DECLARED = 10_000

class PlainReader {
  readonly #octets: Octets
  readonly #text: string
  readonly #holdsReferences: boolean
  readonly #odd: number[] = []
  readonly #unused: number[] = []
  #last: QName = { name: '', prefix: '', local: '', next: undefined }
  #open: OpenElement | undefined
  /** The open elements around that one. */
  readonly #around: OpenElement[] = []
  #root: XmlElementNode | undefined
  #document: XmlRoot
  #order = 0
  #declared = 0

  constructor(octets: Octets) {
    this.#octets = octets
    this.#text = octets.text
    this.#holdsReferences = octets.text.includes('&')
    const children: XmlChild[] = []
    // The document gets its root and size once all is read.
    this.#document = { kind: 'root', parent: null, children } as Partial<XmlRoot> as XmlRoot
  }

  read(start: number): XmlRoot {
    const text = this.#text
    for (let at = start; at < text.length; ) {
      const next = text.indexOf('<', at)
      const end = next < 0 ? text.length : next
      if (end > at) this.#addText(at, end)
      if (next < 0) break
      at = text.charCodeAt(end + 1) === 0x2f ? this.#closeTag(end) : this.#openTag(end)
    }
    if (this.#root === undefined || this.#open !== undefined) throw NOT_PLAIN
    const [odd, unused] = [this.#odd, this.#unused]
    const isOdd = odd.length > MAX_ODD || unused.length > MAX_ODD
    const source = isOdd ? undefined : { bytes: this.#octets.bytes, odd, unused }
    return Object.assign(this.#document, { root: this.#root, size: this.#order, source })
  }

  #noteOdd(at: number, into = this.#odd): void {
    if (into.length <= MAX_ODD) into.push(at)
  }

  #addText(from: number, to: number): void {
    const text = this.#text
    if (this.#open === undefined) {
      for (let at = from; at < to; at++) if (!isSpace(text.charCodeAt(at))) throw NOT_PLAIN
      return
    }
    const mark = text.indexOf('>', from)
    if (mark >= 0 && mark < to) this.#noteOdd(mark)
    if (this.#holdsReferences && /&(?:quot|apos);/.test(text.slice(from, to))) this.#noteOdd(from)
    this.#add(new PlainText(this.#octets, from, to, this.#open, ++this.#order))
  }

  /** @returns where what stands behind the tag begins */
  #closeTag(at: number): number {
    const element = this.#open
    if (element === undefined) throw NOT_PLAIN
    const end = at + 2 + element.name.length
    if (!this.#text.startsWith(element.name, at + 2) || this.#text.charCodeAt(end) !== 0x3e) throw NOT_PLAIN
    element.to = end + 1
    this.#open = this.#around.pop()
    return end + 1
  }

  #openTag(from: number): number {
    const text = this.#text
    const name = this.#nameAt(from + 1)
    let at = from + 1 + name.name.length
    let pairs = NO_PAIRS
    while (isSpace(text.charCodeAt(at))) {
      if (pairs.length === MAX_PLAIN_ATTRIBUTES) throw NOT_PLAIN
      const gap = at
      while (isSpace(text.charCodeAt(at))) at++
      const code = text.charCodeAt(at)
      if (at !== gap + 1 || text.charCodeAt(gap) !== 0x20 || code === 0x3e || code === 0x2f)
        this.#noteOdd(gap)
      if (code === 0x3e || code === 0x2f) break
      if (pairs === NO_PAIRS) pairs = []
      at = this.#attribute(at, pairs)
    }
    const isEmpty = text.charCodeAt(at) === 0x2f
    if (isEmpty) this.#noteOdd(at++)
    if (text.charCodeAt(at) !== 0x3e) throw NOT_PLAIN
    const element = this.#element(name, pairs, from)
    element.inside = at + 1
    if (isEmpty) element.to = at + 1
    else this.#enter(element)
    if (this.#around.length >= MAX_PLAIN_DEPTH) throw NOT_PLAIN
    return at + 1
  }

  #attribute(at: number, pairs: Pair[]): number {
    const text = this.#text
    const equals = text.indexOf('=', at)
    const quote = text[equals + 1]
    if (equals < 0 || (quote !== '"' && quote !== "'")) throw NOT_PLAIN
    const end = text.indexOf(quote, equals + 2)
    if (end < 0) throw NOT_PLAIN
    const name = text.slice(at, equals)
    const value = text.slice(equals + 2, end)
    if (value.includes('<') || pairs.some(([other]) => other === name)) throw NOT_PLAIN
    if (quote === "'" || /[\t\n]|&(?:gt|apos);/.test(value)) this.#noteOdd(at)
    pairs.push([name, spaced(charactersOf(this.#octets, equals + 2, end))])
    return end + 1
  }

  #enter(element: OpenElement): void {
    if (this.#open !== undefined) this.#around.push(this.#open)
    this.#open = element
  }

  /** Elements come in the order in which those before them came: that saves most names from being cut out. */
  #nameAt(from: number): QName {
    const text = this.#text
    const { next } = this.#last
    if (next !== undefined && text.startsWith(next.name, from)) {
      if (isNameEnd(text.charCodeAt(from + next.name.length))) {
        this.#last = next
        return next
      }
    }
    let at = from
    for (let code = text.charCodeAt(at); !isNameEnd(code); code = text.charCodeAt(++at));
    const found = namedBy(text.slice(from, at))
    this.#last.next = found
    this.#last = found
    return found
  }

  #element({ name, prefix, local }: QName, pairs: readonly Pair[], from: number): OpenElement {
    if (this.#open === undefined && this.#root !== undefined) throw NOT_PLAIN
    const outer = this.#open?.scope ?? EMPTY
    const scope = pairs.length === 0 ? outer : this.#scope(outer, pairs, from)
    const attributes: XmlAttributeNode[] = pairs.length === 0 ? NO_ATTRIBUTES : []
    const element: OpenElement = {
      kind: 'element',
      name,
      prefix,
      local,
      uri: uriOf(scope, prefix),
      attributes,
      scope,
      parent: this.#open ?? this.#document,
      children: NO_CHILDREN,
      order: ++this.#order,
      from,
      inside: 0,
      to: 0,
    }
    for (const [key, value] of pairs)
      if (!isDeclaration(key)) this.#addAttribute(attributes, key, value, element)
    if (scope !== outer) this.#noteUnused(element, pairs)
    this.#root ??= element
    this.#add(element)
    return element
  }

  /** Most elements have one child, or none: an array that began empty would have room for many. */
  #add(child: XmlChild): void {
    const parent = this.#open
    if (parent === undefined) this.#document.children.push(child)
    else if (parent.children === NO_CHILDREN) parent.children = [child]
    else parent.children.push(child)
  }

  #addAttribute(to: XmlAttributeNode[], written: string, value: string, parent: XmlElementNode): void {
    const { name, prefix, local } = namedBy(written)
    const uri = prefix === '' ? '' : uriOf(parent.scope, prefix)
    if (to.some((other) => other.local === local && other.uri === uri)) throw NOT_PLAIN
    const last = to.at(-1)
    // In a canonical form they stand by namespace and local name.
    if (last !== undefined && (uri < last.uri || (uri === last.uri && local < last.local)))
      this.#noteOdd(parent.from ?? 0)
    to.push({ kind: 'attribute', name, prefix, local, uri, value, parent, order: ++this.#order })
  }

  /** Exclusive forms declare a prefix where it is used first. */
  #noteUnused({ prefix, attributes, from = 0 }: XmlElementNode, pairs: readonly Pair[]): void {
    const isUsed = (name: string) => name === prefix || attributes.some((one) => one.prefix === name)
    for (const [name] of pairs)
      if (isDeclaration(name) && (!isUsed(name.slice(6)) || (name === 'xmlns' && prefix !== '')))
        this.#noteOdd(from, this.#unused)
  }

  /** In a canonical form declarations stand before attributes, by prefix, and none says what is in force already. */
  #scope(outer: Scope, pairs: readonly Pair[], from: number): Scope {
    let scope: Map<string, string> | undefined
    let last: string | undefined
    for (const [index, [name, uri]] of pairs.entries()) {
      if (!isDeclaration(name)) continue
      const known = plainNamespace(uri)
      if (known === undefined || !isPlainDeclaration(name)) throw NOT_PLAIN
      const prefix = name.slice(6)
      const isLate = index > 0 && (last === undefined || prefix < last)
      if (isLate || outer.get(prefix) === uri) this.#noteOdd(from)
      if (index > 0 && !isDeclaration(pairs[index - 1]![0])) this.#noteOdd(from)
      last = prefix
      scope ??= new Map(outer)
      scope.set(prefix, known)
    }
    this.#declared += scope?.size ?? 0
    if (this.#declared > MAX_DECLARED) throw NOT_PLAIN
    return scope ?? outer
  }
}

function namedBy(name: string): QName {
  const found = plainQName(name)
  if (found === undefined) throw NOT_PLAIN
  return found
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x09

/** White space, `>`, `/` or the end of the text. */
const isNameEnd = (code: number): boolean =>
  code === 0x3e || code === 0x2f || isSpace(code) || Number.isNaN(code)

const isDeclaration = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:')

function uriOf(scope: Scope, prefix: string): string {
  const uri = scope.get(prefix)
  if (uri === undefined && prefix !== '') throw NOT_PLAIN
  return uri ?? ''
}

/** White space in attribute values (XML 1.0 §3.3.3). */
const spaced = (text: string): string => (/[\t\n]/.test(text) ? text.replace(/[\t\n]/g, ' ') : text)
