/** A document in the data model of XPath 1.0 §5, as plain objects: what canonicalisation and XPath work on. */
export interface XmlRoot {
  readonly kind: 'root'
  readonly parent: null
  readonly children: XmlChild[]
  readonly root: XmlElementNode
  /** Nodes of all kinds but namespaces: what one visit costs. */
  readonly size: number
  /** What the tree was read from, where that is known; whoever changes the tree takes it away. */
  source?: XmlSource | undefined
}

export interface XmlSource {
  /** UTF-8, line ends made one. `from` and `to` of the elements are places in it. */
  readonly bytes: Buffer
  /** Places at which it is not the canonical form of the document (Canonical XML 1.0, 1.1). */
  readonly odd: readonly number[]
  /** Elements that declare namespaces which they do not use themselves: further such places of an exclusive form. */
  readonly unused: readonly number[]
}

/** Prefix to namespace URI; the default namespace under the empty prefix. Shared by elements that declare nothing. */
export type Scope = ReadonlyMap<string, string>

export interface XmlElementNode {
  readonly kind: 'element'
  /** As written, with its prefix. */
  readonly name: string
  readonly prefix: string
  readonly local: string
  readonly uri: string
  readonly attributes: readonly XmlAttributeNode[]
  readonly scope: Scope
  readonly parent: XmlElementNode | XmlRoot
  readonly children: XmlChild[]
  /** Position in document order. */
  readonly order: number
  /** The element of the document that this one is the canonical form of. */
  written?: XmlElementNode
  /** In the source of the document, where it has one: its first octet, that behind its tag, and that behind its last. */
  readonly from?: number
  inside?: number
  to?: number
}

export interface XmlAttributeNode {
  readonly kind: 'attribute'
  readonly name: string
  readonly prefix: string
  readonly local: string
  readonly uri: string
  readonly value: string
  readonly parent: XmlElementNode
  readonly order: number
}

/** A namespace in the scope of an element: every element has nodes of its own. */
export interface XmlNamespaceNode {
  readonly kind: 'namespace'
  readonly prefix: string
  readonly value: string
  readonly parent: XmlElementNode
  readonly order: number
}

/**
 * A long text of base64 that stays in the file while the rest of it is parsed. Nothing in it can be taken for markup,
 * in any encoding that ASCII is a part of.
 */
export interface XmlCut {
  /** Bytes of the file, `start` inclusive, `end` exclusive. */
  readonly start: number
  readonly end: number
  /** Whether its canonical octets are its bytes as they stand. */
  readonly isVerbatim: boolean
}

export interface XmlTextNode {
  readonly kind: 'text'
  /** Of a text that is still in the file, asking for it throws a SignatureStop. */
  readonly value: string
  readonly cut?: XmlCut
  readonly parent: XmlElementNode | XmlRoot
  readonly order: number
}

export interface XmlCommentNode {
  readonly kind: 'comment'
  readonly value: string
  readonly parent: XmlElementNode | XmlRoot
  readonly order: number
}

export interface XmlInstructionNode {
  readonly kind: 'instruction'
  readonly target: string
  readonly value: string
  readonly parent: XmlElementNode | XmlRoot
  readonly order: number
}

export type XmlChild = XmlElementNode | XmlTextNode | XmlCommentNode | XmlInstructionNode
export type XmlNode = XmlRoot | XmlChild | XmlAttributeNode | XmlNamespaceNode

export const XML_URI = 'http://www.w3.org/XML/1998/namespace'

export const isElement = (node: XmlNode): node is XmlElementNode => node.kind === 'element'

/** The child elements, in document order. */
export const childElements = (parent: XmlElementNode | XmlRoot): XmlElementNode[] =>
  parent.children.filter(isElement)

/** The value of an attribute without a namespace. */
export function attributeOf(element: XmlElementNode, name: string): string | undefined {
  for (const one of element.attributes) if (one.name === name) return one.value
  return undefined
}

/** Whether an element is another one or stands inside it. */
export function isInside(element: XmlElementNode, ancestor: XmlElementNode): boolean {
  for (let node: XmlElementNode | XmlRoot = element; node.kind === 'element'; node = node.parent) {
    if (node === ancestor) return true
  }
  return false
}

/** An element and every element below it, in document order. */
export function* elementsOf(top: XmlElementNode | XmlRoot): Generator<XmlElementNode> {
  const stack: XmlChild[] = top.kind === 'root' ? [...top.children].reverse() : [top]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind !== 'element') continue
    yield node
    for (let index = node.children.length - 1; index >= 0; index--) stack.push(node.children[index]!)
  }
}

const namespaceNodes = new WeakMap<XmlElementNode, readonly XmlNamespaceNode[]>()

/** The namespace axis of an element (XPath 1.0 §5.4), always the same nodes; the prefix `xml` is among them. */
export function namespacesOf(element: XmlElementNode): readonly XmlNamespaceNode[] {
  const known = namespaceNodes.get(element)
  if (known !== undefined) return known
  const found: XmlNamespaceNode[] = []
  for (const [prefix, value] of [...element.scope, ['xml', XML_URI] as const]) {
    // An empty default namespace is none.
    if (value === '') continue
    found.push({
      kind: 'namespace',
      prefix,
      value,
      parent: element,
      order: element.order + (found.length + 1) / 1e6,
    })
  }
  namespaceNodes.set(element, found)
  return found
}
