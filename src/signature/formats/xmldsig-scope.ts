import { childElements, type Scope, type XmlElementNode } from '../../xml/nodes.ts'

/**
 * Remembers which element of the document the root of its canonical form was. It is a field and no WeakMap: that would
 * keep every tree alive until the next full collection.
 */
export const pairUp = (canonical: XmlElementNode, original: XmlElementNode): void => {
  canonical.written = original
}

/** The element of the document that an element of its canonical form was. */
export function writtenAs(canonical: XmlElementNode): XmlElementNode | undefined {
  if (canonical.written !== undefined) return canonical.written
  const { parent } = canonical
  if (parent.kind !== 'element') return undefined
  const outer = writtenAs(parent)
  return outer && childElements(outer)[childElements(parent).indexOf(canonical)]
}

/**
 * The namespaces that an expression in an element may use. Exclusive canonicalisation leaves out those that stand in
 * the expression alone, so that they are not signed: whoever changes them changes what a filter takes away, and so the
 * digest, or what the signature is seen to cover.
 */
export const scopeOfExpression = (canonical: XmlElementNode): Scope =>
  new Map([...(writtenAs(canonical)?.scope ?? []), ...canonical.scope])
