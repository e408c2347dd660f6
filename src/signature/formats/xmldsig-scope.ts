import { childElements, type Scope, type XmlElementNode } from './xml-nodes.ts'

const written = new WeakMap<XmlElementNode, XmlElementNode>()

/** Remembers which element of the document each element of its canonical form was. */
export function pairUp(canonical: XmlElementNode, original: XmlElementNode): void {
  written.set(canonical, original)
  const others = childElements(original)
  for (const [index, child] of childElements(canonical).entries()) {
    const other = others[index]
    if (other !== undefined) pairUp(child, other)
  }
}

/**
 * The namespaces that an expression in an element may use. Exclusive canonicalisation leaves out those that stand in
 * the expression alone, so that they are not signed: whoever changes them changes what a filter takes away, and so the
 * digest, or what the signature is seen to cover.
 */
export const scopeOfExpression = (canonical: XmlElementNode): Scope =>
  new Map([...(written.get(canonical)?.scope ?? []), ...canonical.scope])
