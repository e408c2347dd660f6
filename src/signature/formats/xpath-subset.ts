import { elementsOf, XML_URI, type XmlElementNode, type XmlNode, type XmlRoot } from '../../xml/nodes.ts'
import { unverifiable } from '../checks.ts'
import { stringOf } from './xpath-axes.ts'
import { evaluate } from './xpath-evaluate.ts'
import { parseXPath, XPathError } from './xpath-parse.ts'
import { type Surroundings, toBoolean, toNodes } from './xpath-values.ts'

/** Nodes that an expression may visit. */
const MAX_VISITS = 5_000_000

/**
 * The nodes that an expression of XPath 1.0 selects from a document. The expression is the text of the root element of
 * `source`; its prefixes are those in scope there.
 * @throws SignatureStop `unverifiable` where the expression is not read or costs too much
 */
export function xpathSubset(root: XmlRoot, source: XmlRoot): ReadonlySet<XmlNode> {
  const around = { namespaces: source.root.scope, charge: newVisits(MAX_VISITS), byId: idsOf(root) }
  return new Set(select(root, source.root, around))
}

/** Counts what is visited. @throws SignatureStop once `left` is used up */
export function newVisits(left: number): (nodes: number) => void {
  let rest = left
  return (nodes) => {
    rest -= nodes
    if (rest < 0) throw unverifiable('reference', 'xml-too-costly')
  }
}

/** Evaluates the expression that stands in an element, at a node. @throws SignatureStop */
export function select(node: XmlNode, expression: XmlElementNode, around: Surroundings): readonly XmlNode[] {
  return orRefused(() =>
    toNodes(evaluate(parseXPath(stringOf(expression)), { node, position: 1, size: 1, around })),
  )
}

/** Whether the expression that stands in an element holds at a node. @throws SignatureStop, also from the answer */
export function condition(expression: XmlElementNode, around: Surroundings): (node: XmlNode) => boolean {
  const parsed = orRefused(() => parseXPath(stringOf(expression)))
  return (node) => orRefused(() => toBoolean(evaluate(parsed, { node, position: 1, size: 1, around })))
}

function orRefused<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof XPathError)
      throw unverifiable('reference', 'transform-refused', `XPath: ${error.message}`)
    throw error
  }
}

/** Without the DOCTYPE that may declare Ids: the attributes that are Ids by custom. */
function idsOf(root: XmlRoot): (id: string) => readonly XmlNode[] {
  const isId = (name: string, uri: string) => /^id$/i.test(name) && (uri === '' || uri === XML_URI)
  return (id) =>
    [...elementsOf(root)].filter(({ attributes }) =>
      attributes.some(({ local, uri, value }) => value === id && isId(local, uri)),
    )
}
