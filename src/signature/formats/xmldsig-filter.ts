import {
  attributeOf,
  childElements,
  namespacesOf,
  type XmlElementNode,
  type XmlNode,
  type XmlRoot,
} from '../../xml/nodes.ts'
import { unverifiable } from '../checks.ts'
import type { Data } from './xmldsig-data.ts'
import { charge, type Place } from './xmldsig-place.ts'
import { scopeOfExpression, writtenAs } from './xmldsig-scope.ts'
import { condition, select } from './xpath-subset.ts'
import type { Surroundings } from './xpath-values.ts'

const FILTER_2 = 'http://www.w3.org/2002/06/xmldsig-filter2'
const MAX_FILTERS = 10

interface Filter {
  readonly operation: 'intersect' | 'subtract'
  readonly selected: ReadonlySet<XmlNode>
}

type Nodes = Extract<Data, { kind: 'nodes' }>

/**
 * XML-Signature XPath Filter 2.0, for filters that take away: `intersect` and `subtract`. `union` is refused, for it
 * adds what the reference does not lead to.
 * @throws SignatureStop
 */
export function applyFilters(data: Nodes, elements: readonly XmlElementNode[], place: Place): Data {
  if (elements.length === 0 || elements.length > MAX_FILTERS)
    throw unverifiable('reference', 'transform-refused', FILTER_2)
  const root = rootOf(data.set.apex)
  const filters = elements.map((element) => readFilter(element, root, place))
  const only = new Set<XmlNode>()
  const keep = (node: XmlNode) => {
    if (data.set.only === undefined || data.set.only.has(node)) only.add(node)
  }
  walk(data.set.apex, ancestry(data.set.apex, filters), filters, data.set.without, keep)
  charge(place.budget, only.size)
  return { ...data, set: { ...data.set, only } }
}

/**
 * XPath Filtering (XML-Signature 1.1 §6.6.3): keeps the nodes for which the expression holds.
 * @throws SignatureStop
 */
export function applyXPath(data: Nodes, transform: XmlElementNode, place: Place): Data {
  const [expression] = childElements(transform)
  if (expression === undefined) throw unverifiable('form', 'signature-malformed', 'XPath')
  const holds = condition(expression, around(expression, rootOf(data.set.apex), place))
  const only = new Set<XmlNode>()
  const keep = (node: XmlNode) => {
    if ((data.set.only === undefined || data.set.only.has(node)) && holds(node)) only.add(node)
  }
  walk(data.set.apex, [], [], data.set.without, keep)
  return { ...data, set: { ...data.set, only } }
}

function rootOf(node: XmlRoot | XmlElementNode): XmlRoot {
  let top = node
  while (top.kind === 'element') top = top.parent
  return top
}

function readFilter(element: XmlElementNode, root: XmlRoot, place: Place): Filter {
  const operation = attributeOf(element, 'Filter')
  const isFilter = element.local === 'XPath' && element.uri === FILTER_2
  if (!isFilter || (operation !== 'intersect' && operation !== 'subtract'))
    throw unverifiable('reference', 'transform-refused', `${FILTER_2} ${operation}`)
  return { operation, selected: new Set(select(root, element, around(element, root, place))) }
}

/** What the expression in an element of SignedInfo may ask about the tree that it is put to. */
function around(expression: XmlElementNode, root: XmlRoot, { budget, document }: Place): Surroundings {
  const written = writtenAs(expression)
  return {
    namespaces: scopeOfExpression(expression),
    byId: (id) => document.byId.get(id) ?? [],
    charge: (nodes) => charge(budget, nodes),
    here: written !== undefined && rootOf(written) === root ? written : undefined,
  }
}

/** For each filter, whether an ancestor of the node was selected, and so the node with it. */
function ancestry(node: XmlRoot | XmlElementNode, filters: readonly Filter[]): boolean[] {
  return filters.map(({ selected }) => {
    for (let one: XmlNode | null = node.parent; one !== null; one = one.parent)
      if (selected.has(one)) return true
    return false
  })
}

function walk(
  node: XmlNode,
  above: readonly boolean[],
  filters: readonly Filter[],
  without: ReadonlySet<XmlElementNode> | undefined,
  keep: (node: XmlNode) => void,
): void {
  if (node.kind === 'element' && without?.has(node)) return
  const inside = filters.map(({ selected }, index) => above[index]! || selected.has(node))
  if (filters.every(({ operation }, index) => inside[index] === (operation === 'intersect'))) keep(node)
  if (node.kind === 'element') {
    for (const one of node.attributes) walk(one, inside, filters, without, keep)
    for (const one of namespacesOf(node)) walk(one, inside, filters, without, keep)
  }
  if (node.kind === 'element' || node.kind === 'root')
    for (const child of node.children) walk(child, inside, filters, without, keep)
}
