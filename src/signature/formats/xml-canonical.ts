import type { XmlCut } from '../../xml/nodes.ts'
import {
  namespacesOf,
  type Scope,
  type XmlAttributeNode,
  type XmlChild,
  type XmlElementNode,
  type XmlNode,
  type XmlRoot,
} from '../../xml/nodes.ts'
import { unverifiable } from '../checks.ts'
import { inheritedAttributes } from './xml-inherit.ts'

export interface Canonicalization {
  readonly mode: 'c14n10' | 'c14n11' | 'exclusive'
  readonly withComments: boolean
  /** Exclusive only: PrefixList of ec:InclusiveNamespaces; the default namespace as `#default`. */
  readonly prefixes?: readonly string[]
}

const C14N_10 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const C14N_11 = 'http://www.w3.org/2006/12/xml-c14n11'
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** Canonical XML 1.0, 1.1, exclusive; each without and with comments. */
export const CANONICALIZATIONS: Readonly<Record<string, Canonicalization>> = {
  [C14N_10]: { mode: 'c14n10', withComments: false },
  [`${C14N_10}#WithComments`]: { mode: 'c14n10', withComments: true },
  [C14N_11]: { mode: 'c14n11', withComments: false },
  [`${C14N_11}#WithComments`]: { mode: 'c14n11', withComments: true },
  [EXCLUSIVE]: { mode: 'exclusive', withComments: false },
  [`${EXCLUSIVE}WithComments`]: { mode: 'exclusive', withComments: true },
}

/** What a reference without a canonicalising transform is read with (XML-Signature 1.1 §4.4.3.2). */
export const DEFAULT_CANONICALIZATION: Canonicalization = CANONICALIZATIONS[C14N_10]!

/** A set of nodes as the transforms of a reference hand it on: a subtree, with parts left out. */
export interface NodeSet {
  readonly apex: XmlRoot | XmlElementNode
  /** Elements that are left out with all that they contain. */
  readonly without?: ReadonlySet<XmlElementNode>
  /** Where given: the nodes of the set, namespaces and attributes too. */
  readonly only?: ReadonlySet<XmlNode>
}

export interface CanonicalForm {
  /** Its octets are UTF-8. */
  readonly text: string
  /** Texts that are still in the file, with their places in `text`, in their order. */
  readonly cuts: readonly PlacedCut[]
  /** Nodes that were visited for it. */
  readonly visited: number
}

export interface PlacedCut {
  readonly at: number
  readonly cut: XmlCut
}

/**
 * The canonical form of a set of nodes (Canonical XML 1.0, 1.1, Exclusive XML Canonicalization 1.0). Everything is
 * visited once.
 * @throws SignatureStop `unverifiable` where it grows out of all measure
 */
export function canonicalForm(set: NodeSet, method: Canonicalization): CanonicalForm {
  const writer = new Writer(set, method)
  if (set.apex.kind === 'root') writer.document(set.apex)
  else writer.element(set.apex, NOTHING, false)
  return { text: writer.out, cuts: writer.cuts, visited: writer.visited }
}

/** The same for a set of which all is in memory. @throws SignatureStop `unverifiable` */
export function canonicalText(set: NodeSet, method: Canonicalization): string {
  const { text, cuts } = canonicalForm(set, method)
  if (cuts.length > 0) throw unverifiable('reference', 'text-not-at-hand')
  return text
}

export const canonicalBytes = (set: NodeSet, method: Canonicalization): Buffer =>
  Buffer.from(canonicalText(set, method))

/** A canonical form can be far longer than its document, where one long namespace is declared again and again. */
const MAX_LENGTH = 64 * 1024 * 1024

const NOTHING: Scope = new Map()

class Writer {
  out = ''
  visited = 0
  readonly cuts: PlacedCut[] = []
  readonly #set: NodeSet
  readonly #method: Canonicalization
  readonly #isExclusive: boolean
  readonly #listed: readonly string[]

  constructor(set: NodeSet, method: Canonicalization) {
    this.#set = set
    this.#method = method
    this.#isExclusive = method.mode === 'exclusive'
    this.#listed = (method.prefixes ?? []).map((prefix) => (prefix === '#default' ? '' : prefix))
  }

  document(root: XmlRoot): void {
    let isBefore = true
    for (const child of root.children) {
      if (child.kind === 'element') {
        isBefore = false
        this.element(child, NOTHING, false)
      } else {
        const written = leafText(child, this.#has(child), this.#method.withComments)
        if (written !== '') this.out += isBefore ? `${written}\n` : `\n${written}`
      }
    }
  }

  /**
   * @param rendered the namespaces that are in force in what is written around the element
   * @param parentIsIn whether the parent is in the set
   */
  element(element: XmlElementNode, rendered: Scope, parentIsIn: boolean): void {
    if (this.#set.without?.has(element)) return
    if (this.out.length > MAX_LENGTH) throw unverifiable('reference', 'xml-too-costly')
    this.visited += 1 + element.attributes.length + element.children.length
    const isIn = this.#has(element)
    if (isIn) this.out += `<${element.name}`
    const own = this.#attributes(element, isIn, parentIsIn)
    const inside = this.#isExclusive
      ? this.#exclusiveNamespaces(element, own, rendered, isIn)
      : this.#inclusiveNamespaces(element, rendered, isIn)
    for (const { name, value } of own) this.out += ` ${name}="${escapeAttribute(value)}"`
    if (isIn) this.out += '>'
    for (const child of element.children) {
      if (child.kind === 'element') this.element(child, inside, isIn)
      else if (child.kind === 'text' && child.cut !== undefined) this.#leaveOpen(child, child.cut)
      else this.out += leafText(child, this.#has(child), this.#method.withComments)
    }
    if (isIn) this.out += `</${element.name}>`
  }

  #leaveOpen(node: XmlNode, cut: XmlCut): void {
    if (this.#has(node)) this.cuts.push({ at: this.out.length, cut })
  }

  #has(node: XmlNode): boolean {
    return this.#set.only === undefined || this.#set.only.has(node)
  }

  #attributes(
    element: XmlElementNode,
    isIn: boolean,
    parentIsIn: boolean,
  ): readonly Pick<XmlAttributeNode, 'name' | 'value' | 'uri' | 'local' | 'prefix'>[] {
    const { only } = this.#set
    const own = only === undefined ? element.attributes : element.attributes.filter((one) => only.has(one))
    const inherits = isIn && !parentIsIn && !this.#isExclusive
    const all = inherits ? inheritedAttributes(element, own, this.#method.mode === 'c14n11', only) : own
    return all.length < 2 ? all : [...all].sort(byName)
  }

  /** Canonical XML 1.0 §2.3: what the nearest ancestor in the set does not have in force already. */
  #inclusiveNamespaces(element: XmlElementNode, rendered: Scope, isIn: boolean): Scope {
    if (this.#set.only === undefined && element.scope === rendered) return rendered
    const own = this.#scopeInSet(element)
    const fresh = [...own].filter(([prefix, uri]) => rendered.get(prefix) !== uri && uri !== '')
    if (isIn && (own.get('') ?? '') === '' && (rendered.get('') ?? '') !== '') fresh.push(['', ''])
    this.#declare(fresh)
    return isIn ? own : rendered
  }

  #scopeInSet(element: XmlElementNode): Scope {
    const { only } = this.#set
    if (only === undefined) return element.scope
    return new Map(
      namespacesOf(element)
        .filter((one) => one.prefix !== 'xml' && only.has(one))
        .map(({ prefix, value }) => [prefix, value]),
    )
  }

  /** Exclusive XML Canonicalization 1.0 §3: what is visibly utilised, and what the list names. */
  #exclusiveNamespaces(
    element: XmlElementNode,
    attributes: readonly Pick<XmlAttributeNode, 'prefix'>[],
    rendered: Scope,
    isIn: boolean,
  ): Scope {
    if (this.#isPlain(element, attributes, rendered)) return rendered
    const used = isIn ? new Set([element.prefix]) : new Set<string>()
    if (isIn) for (const { prefix } of attributes) if (prefix !== '') used.add(prefix)
    const scope = this.#set.only === undefined ? element.scope : this.#scopeInSet(element)
    for (const prefix of this.#listed) if (scope.has(prefix) || isIn) used.add(prefix)
    used.delete('xml')
    const fresh: [string, string][] = []
    for (const prefix of used) {
      const uri = scope.get(prefix) ?? ''
      const known = rendered.get(prefix) ?? ''
      if (uri !== known && (uri !== '' || prefix === '')) fresh.push([prefix, uri])
    }
    this.#declare(fresh)
    // A prefix that is used without its namespace node is out of force for what stands inside.
    const hidden = [...used].filter((prefix) => prefix !== '' && !scope.has(prefix) && rendered.has(prefix))
    if (!isIn || fresh.length + hidden.length === 0) return rendered
    return new Map([...rendered, ...fresh, ...hidden.map((prefix) => [prefix, ''] as const)])
  }

  /** Whether an element of a whole subtree needs nothing but what is in force, as most do. */
  #isPlain(
    { prefix, scope }: XmlElementNode,
    attributes: readonly Pick<XmlAttributeNode, 'prefix'>[],
    rendered: Scope,
  ): boolean {
    if (this.#set.only !== undefined || this.#listed.length > 0) return false
    for (const one of attributes) if (one.prefix !== '') return false
    return (scope.get(prefix) ?? '') === (rendered.get(prefix) ?? '')
  }

  #declare(namespaces: [prefix: string, uri: string][]): void {
    if (namespaces.length > 1) namespaces.sort(([a], [b]) => compare(a, b))
    for (const [prefix, uri] of namespaces)
      this.out += ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(uri)}"`
  }
}

function leafText(node: Exclude<XmlChild, XmlElementNode>, isIn: boolean, withComments: boolean): string {
  if (!isIn) return ''
  if (node.kind === 'text') return escapeText(node.value)
  if (node.kind === 'comment') return withComments ? `<!--${node.value}-->` : ''
  return node.value === '' ? `<?${node.target}?>` : `<?${node.target} ${node.value}?>`
}

/** By code points, not by UTF-16 units. */
const compare = (a: string, b: string): number =>
  /[\ud800-\udfff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : a > b ? 1 : 0

const byName = (
  a: Pick<XmlAttributeNode, 'uri' | 'local'>,
  b: Pick<XmlAttributeNode, 'uri' | 'local'>,
): number => compare(a.uri, b.uri) || compare(a.local, b.local)

const TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }
const VALUE: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

export const escapeText = (text: string): string =>
  /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (char) => TEXT[char]!) : text

export const escapeAttribute = (text: string): string =>
  /[&<"\t\n\r]/.test(text) ? text.replace(/[&<"\t\n\r]/g, (char) => VALUE[char]!) : text
