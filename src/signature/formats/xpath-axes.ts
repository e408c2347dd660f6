import { isElement, namespacesOf, type XmlChild, type XmlNode } from '../../xml/nodes.ts'
import type { Axis, NodeTest } from './xpath-parse.ts'

const childrenOf = (node: XmlNode): readonly XmlChild[] =>
  node.kind === 'root' || node.kind === 'element' ? node.children : []

function* ancestors(node: XmlNode): Generator<XmlNode> {
  for (let one = node.parent; one !== null; one = one.parent) yield one
}

function* descendants(node: XmlNode): Generator<XmlNode> {
  for (const child of childrenOf(node)) {
    yield child
    yield* descendants(child)
  }
}

function* siblings(node: XmlNode, step: 1 | -1): Generator<XmlNode> {
  if (node.parent === null || node.kind === 'attribute' || node.kind === 'namespace') return
  const all: readonly XmlNode[] = node.parent.children
  for (let index = all.indexOf(node) + step; index >= 0 && index < all.length; index += step)
    yield all[index]!
}

/** The nodes of each axis from one node, in the order in which XPath 1.0 §2.4 counts their positions. */
export const AXIS: Readonly<Record<Axis, (node: XmlNode) => Iterable<XmlNode>>> = {
  self: (node) => [node],
  child: childrenOf,
  parent: (node) => (node.parent === null ? [] : [node.parent]),
  ancestor: ancestors,
  *'ancestor-or-self'(node) {
    yield node
    yield* ancestors(node)
  },
  descendant: descendants,
  *'descendant-or-self'(node) {
    yield node
    yield* descendants(node)
  },
  attribute: (node) => (isElement(node) ? node.attributes : []),
  namespace: (node) => (isElement(node) ? namespacesOf(node) : []),
  'following-sibling': (node) => siblings(node, 1),
  'preceding-sibling': (node) => siblings(node, -1),
}

/** Whether a node passes the test of a step; `uriOf` answers the namespace of a prefix in the expression. */
export function passes(
  node: XmlNode,
  test: NodeTest,
  axis: Axis,
  uriOf: (prefix: string) => string,
): boolean {
  if (test.kind === 'node') return true
  if (test.kind === 'processing-instruction')
    return node.kind === 'instruction' && (test.target === undefined || test.target === node.target)
  if (test.kind !== 'name') return node.kind === test.kind
  const principal = axis === 'attribute' || axis === 'namespace' ? axis : 'element'
  if (node.kind !== principal) return false
  if (node.kind === 'namespace')
    return test.prefix === undefined && (test.local === '*' || test.local === node.prefix)
  if (test.prefix === undefined) return test.local === '*' || (node.uri === '' && node.local === test.local)
  return node.uri === uriOf(test.prefix) && (test.local === '*' || node.local === test.local)
}

export function stringOf(node: XmlNode): string {
  if (node.kind === 'root' || node.kind === 'element') {
    let text = ''
    for (const one of descendants(node)) if (one.kind === 'text') text += one.value
    return text
  }
  return node.value
}

/** Expanded name and qualified name (XPath 1.0 §4.1). */
export function nameOf(node: XmlNode): { name: string; local: string; uri: string } {
  if (node.kind === 'element' || node.kind === 'attribute') return node
  if (node.kind === 'namespace') return { name: node.prefix, local: node.prefix, uri: '' }
  if (node.kind === 'instruction') return { name: node.target, local: node.target, uri: '' }
  return { name: '', local: '', uri: '' }
}

/** In document order, each once. */
export function inOrder(nodes: Iterable<XmlNode>): XmlNode[] {
  const distinct = [...new Set(nodes)]
  const order = (node: XmlNode) => (node.kind === 'root' ? 0 : node.order)
  return distinct.sort((a, b) => order(a) - order(b))
}
