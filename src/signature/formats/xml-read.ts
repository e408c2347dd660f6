import {
  XML_URI,
  type XmlAttributeNode,
  type XmlChild,
  type XmlElementNode,
  type XmlInstructionNode,
  type XmlRoot,
} from '../../xml/nodes.ts'

/** The text cannot be read. Never for what a checked parser or a canonicaliser wrote. */
export class XmlReadError extends Error {}

/**
 * Builds the tree of XML that is known to be well-formed, with its line ends made one: text that libxml2 has read, or
 * canonical octets. It knows the predefined entities and character references, and no DOCTYPE.
 * @throws XmlReadError
 */
export function readXml(text: string): XmlRoot {
  const reader = new Reader(text)
  reader.read()
  const [root, other] = reader.children.filter((node): node is XmlElementNode => node.kind === 'element')
  if (root === undefined || reader.open !== undefined) throw new XmlReadError('no root element')
  if (other !== undefined) throw new XmlReadError('a second root element')
  return Object.assign(reader.document, { root, size: reader.order })
}

/** Namespaces in scope of the elements that declare some, together: each such element copies what is around it. */
const MAX_DECLARED = 5_000_000

type Building = XmlElementNode | XmlRoot

interface RawAttribute {
  readonly name: string
  readonly value: string
}

const EMPTY: ReadonlyMap<string, string> = new Map()
const NO_RAW: RawAttribute[] = []
const NO_ATTRIBUTES: XmlAttributeNode[] = []

class Reader {
  readonly children: XmlChild[] = []
  readonly document: { kind: 'root'; parent: null; children: XmlChild[] } & Partial<XmlRoot>
  open: XmlElementNode | undefined
  order = 0
  #declared = 0
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.document = { kind: 'root', parent: null, children: this.children }
  }

  read(): void {
    const text = this.#text
    while (this.#at < text.length) {
      const next = text.indexOf('<', this.#at)
      const end = next < 0 ? text.length : next
      if (end > this.#at) this.#addText(decode(text.slice(this.#at, end)))
      if (next < 0) break
      this.#at = end
      this.#markup(text.charCodeAt(end + 1))
    }
  }

  #markup(second: number): void {
    if (second === 0x2f) this.#closeTag()
    else if (second === 0x21) this.#comment()
    else if (second === 0x3f) this.#instruction()
    else this.#openTag()
  }

  #parent(): Building {
    // The document gets its root and size once all is read.
    return this.open ?? (this.document as XmlRoot)
  }

  #siblings(): XmlChild[] {
    return this.open?.children ?? this.children
  }

  #addText(value: string): void {
    // Outside the root there is white space only.
    if (this.open === undefined) return
    const siblings = this.open.children
    const last = siblings.at(-1)
    // A CDATA section and the text beside it are one text node.
    if (last?.kind === 'text') {
      siblings[siblings.length - 1] = { ...last, value: last.value + value }
      return
    }
    siblings.push({ kind: 'text', value, parent: this.open, order: ++this.order })
  }

  /** Moves behind `mark` and answers what stands before it. */
  #until(mark: string, from: number): string {
    const end = this.#text.indexOf(mark, from)
    if (end < 0) throw new XmlReadError(`no ${mark}`)
    this.#at = end + mark.length
    return this.#text.slice(from, end)
  }

  #closeTag(): void {
    this.#until('>', this.#at)
    if (this.open === undefined) throw new XmlReadError('a closing tag too many')
    this.open = this.open.parent.kind === 'element' ? this.open.parent : undefined
  }

  #comment(): void {
    if (this.#text.startsWith('<!--', this.#at)) {
      const value = this.#until('-->', this.#at + 4)
      this.#siblings().push({ kind: 'comment', value, parent: this.#parent(), order: ++this.order })
      return
    }
    if (!this.#text.startsWith('<![CDATA[', this.#at)) throw new XmlReadError('a declaration')
    this.#addText(this.#until(']]>', this.#at + 9))
  }

  #instruction(): void {
    const content = this.#until('?>', this.#at + 2)
    // White space of XML alone: \s knows characters more, some of which stand in names.
    const [target = '', value = ''] = /^([^ \t\r\n]+)[ \t\r\n]*([\s\S]*)$/.exec(content)?.slice(1) ?? []
    // The XML declaration is no processing instruction.
    if (target === 'xml') return
    const node: XmlInstructionNode = {
      kind: 'instruction',
      target,
      value,
      parent: this.#parent(),
      order: ++this.order,
    }
    this.#siblings().push(node)
  }

  #openTag(): void {
    const text = this.#text
    let at = this.#at + 1
    const start = at
    for (let code = text.charCodeAt(at); !isNameEnd(code); code = text.charCodeAt(++at));
    const name = text.slice(start, at)
    let raw: RawAttribute[] = NO_RAW
    for (;;) {
      while (isSpace(text.charCodeAt(at))) at++
      const code = text.charCodeAt(at)
      if (code === 0x3e || code === 0x2f) break
      const equals = text.indexOf('=', at)
      let start = equals + 1
      while (isSpace(text.charCodeAt(start))) start++
      const quote = text[start]
      const end = quote === '"' || quote === "'" ? text.indexOf(quote, start + 1) : -1
      if (equals < 0 || end < 0) throw new XmlReadError('a tag without an end')
      if (raw === NO_RAW) raw = []
      let nameEnd = equals
      while (nameEnd > at && isSpace(text.charCodeAt(nameEnd - 1))) nameEnd--
      raw.push({ name: text.slice(at, nameEnd), value: decode(spaced(text.slice(start + 1, end))) })
      at = end + 1
    }
    const isEmpty = text.charCodeAt(at) === 0x2f
    this.#at = at + (isEmpty ? 2 : 1)
    const element = this.#element(name, raw)
    this.#siblings().push(element)
    if (!isEmpty) this.open = element
  }

  #element(name: string, raw: readonly RawAttribute[]): XmlElementNode {
    const outer = this.open?.scope ?? EMPTY
    const scope = scopeWith(outer, raw)
    if (scope !== outer) this.#declared += scope.size
    if (this.#declared > MAX_DECLARED) throw new XmlReadError('too many namespaces')
    const colon = name.indexOf(':')
    const prefix = colon < 0 ? '' : name.slice(0, colon)
    const attributes: XmlAttributeNode[] = raw.length === 0 ? NO_ATTRIBUTES : []
    const element: XmlElementNode = {
      kind: 'element',
      name,
      prefix,
      local: colon < 0 ? name : name.slice(colon + 1),
      uri: uriOf(scope, prefix),
      attributes,
      scope,
      parent: this.#parent(),
      children: [],
      order: ++this.order,
    }
    for (const one of raw) {
      if (isDeclaration(one.name)) continue
      const [prefix, local] = split(one.name)
      const uri = prefix === '' ? '' : uriOf(scope, prefix)
      attributes.push({
        kind: 'attribute',
        name: one.name,
        prefix,
        local,
        uri,
        value: one.value,
        parent: element,
        order: ++this.order,
      })
    }
    return element
  }
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d

/** White space, `>`, `/` or the end of the text. */
const isNameEnd = (code: number): boolean =>
  code === 0x3e || code === 0x2f || isSpace(code) || Number.isNaN(code)

const isDeclaration = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:')

function split(name: string): [prefix: string, local: string] {
  const colon = name.indexOf(':')
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)]
}

function uriOf(scope: ReadonlyMap<string, string>, prefix: string): string {
  if (prefix === 'xml') return XML_URI
  const uri = scope.get(prefix)
  if (uri === undefined && prefix !== '') throw new XmlReadError(`prefix ${prefix} is not declared`)
  return uri ?? ''
}

function scopeWith(
  outer: ReadonlyMap<string, string>,
  raw: readonly RawAttribute[],
): ReadonlyMap<string, string> {
  if (raw.length === 0) return outer
  let scope: Map<string, string> | undefined
  for (const { name, value } of raw) {
    if (!isDeclaration(name) || name === 'xmlns:xml') continue
    scope ??= new Map(outer)
    scope.set(name === 'xmlns' ? '' : name.slice(6), value)
  }
  return scope ?? outer
}

/** Attribute-value normalisation (XML 1.0 §3.3.3) of what is written as it is: references keep what they stand for. */
const spaced = (text: string): string => (/[\t\n]/.test(text) ? text.replace(/[\t\n]/g, ' ') : text)

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const decode = (text: string): string =>
  text.includes('&') ? text.replace(/&(#x?)?([^;]*);/g, (_, number, name) => entity(number, name)) : text

function entity(number: string | undefined, name: string): string {
  if (number !== undefined) return String.fromCodePoint(Number.parseInt(name, number === '#x' ? 16 : 10))
  const value = ENTITIES[name]
  if (value === undefined) throw new XmlReadError(`entity ${name}`)
  return value
}
