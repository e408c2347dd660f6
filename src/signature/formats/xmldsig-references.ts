import { createHash } from 'node:crypto'
import type { XmlAttribute, XmlDocument, XmlElement } from 'libxml2-wasm'
import { HASHES, type HashName } from '../algorithms.ts'
import { failed, invalid, type Notes, noteInvalid, passed, unverifiable } from '../checks.ts'
import { canonicalize, DEFAULT_CANONICALIZATION } from './xmldsig-canonical.ts'
import type { Reference } from './xmldsig-signed-info.ts'

/**
 * What canonicalising may still cost for one document. Every reference visits every node, so that a hostile packet
 * could otherwise keep the verifier busy for hours. A packet has some hundreds of nodes and a handful of references.
 */
export interface Budget {
  nodes: number
  octets: number
}

export const newBudget = (): Budget => ({ nodes: 600_000, octets: 256 * 1024 * 1024 })

/** Where a reference leads: the document, one of its elements, or a named object beside it. */
export type Target =
  | { readonly kind: 'document' }
  | { readonly kind: 'element'; readonly element: XmlElement }
  | { readonly kind: 'external'; readonly uri: string }

/** The digest of an object that lies beside the signature, or undefined where there is none of that name. */
export type ExternalDigest = (uri: string, hash: HashName) => Uint8Array | undefined

/** A document under check: what it costs to visit it once, and its elements by Id. */
export interface Tree {
  readonly document: XmlDocument
  /** Elements and attributes. */
  readonly nodes: number
  readonly byId: ReadonlyMap<string, readonly XmlElement[]>
}

/** One pass over the document, so that many references do not cost as many. @throws SignatureStop */
export function readTree(document: XmlDocument, budget: Budget): Tree {
  // Two counts: the union of both sets would be sought in quadratic time.
  const nodes = Number(document.eval('count(//*)')) + Number(document.eval('count(//@*)'))
  charge(budget, nodes)
  const byId = new Map<string, XmlElement[]>()
  // Of any namespace: xml:id and wsu:Id are read as Ids too.
  const isId = `local-name()='Id' or local-name()='ID' or local-name()='id'`
  for (const attribute of document.find(`/descendant::*/attribute::*[${isId}]`) as XmlAttribute[]) {
    const others = byId.get(attribute.value) ?? []
    // An element that bears one Id in two spellings is still one element.
    if (!others.some((one) => one.isSameNode(attribute.parent!)))
      byId.set(attribute.value, [...others.slice(0, 1), attribute.parent!])
  }
  return { document, nodes, byId }
}

/** Checked before it is taken: what a document costs once is always affordable. */
function charge(budget: Budget, nodes: number): void {
  if (budget.nodes < 0 || budget.octets < 0) throw unverifiable('reference', 'xml-too-costly')
  budget.nodes -= nodes
}

/**
 * Finds what a reference leads to. An Id that stands twice is refused: two readers may take two elements.
 * @throws SignatureStop
 */
export function resolve(
  { byId, nodes }: Tree,
  uri: string | undefined,
  budget: Budget,
  external?: ExternalDigest,
): Target {
  if (uri === '') return { kind: 'document' }
  if (uri === undefined || !uri.startsWith('#')) {
    if (uri === undefined || external === undefined)
      throw unverifiable('reference', 'reference-external', uri ?? '—')
    return { kind: 'external', uri }
  }
  const id = uri.slice(1)
  // An NCName: no xpointer() schemes.
  if (!/^[\p{L}_][\p{L}\p{N}\p{M}._·-]*$/u.test(id)) throw unverifiable('reference', 'transform-refused', uri)
  // Whether the place is known is asked by looking at what stands around it.
  charge(budget, nodes)
  const found = byId.get(id) ?? []
  if (found.length > 1) throw unverifiable('reference', 'reference-ambiguous', id)
  if (found[0] === undefined) throw invalid('reference', 'reference-missing', id)
  return { kind: 'element', element: found[0] }
}

export interface ResolvedReference {
  readonly reference: Reference
  readonly target: Target
}

/**
 * Compares every digest. References with enveloped-signature come last: for them the Signature element is taken out
 * of the tree, which must not be used for anything else afterwards.
 */
export function checkDigests(
  { document, nodes }: Tree,
  signature: XmlElement,
  resolved: readonly ResolvedReference[],
  external: ExternalDigest | undefined,
  notes: Notes,
  budget: Budget,
): void {
  const plain = resolved.filter(({ reference }) => !reference.enveloped)
  const enveloped = resolved.filter(({ reference }) => reference.enveloped)
  const wrong: string[] = []
  const compare = ({ reference, target }: ResolvedReference) => {
    if (HASHES[reference.hash].weak) notes.strong = false
    if (target.kind !== 'external') charge(budget, nodes)
    const digest = digestOf(document, reference, target, external, budget)
    if (digest === undefined || !reference.digest.equals(digest)) wrong.push(reference.uri ?? '')
  }
  plain.forEach(compare)
  if (enveloped.length > 0) signature.remove()
  enveloped.forEach(compare)
  if (wrong.length === 0) notes.checks.push(passed('digest'))
  else noteInvalid(notes, failed('digest', 'digest-mismatch', wrong.map((uri) => `"${uri}"`).join(', ')))
}

function digestOf(
  document: XmlDocument,
  reference: Reference,
  target: Target,
  external: ExternalDigest | undefined,
  budget: Budget,
): Uint8Array | undefined {
  if (target.kind === 'external') return external?.(target.uri, reference.hash)
  const hash = createHash(reference.hash)
  // Same-document references hold no comments, whatever the canonicalisation (XML-Signature 1.1 §4.4.3.3).
  const method = { ...(reference.canonicalization ?? DEFAULT_CANONICALIZATION), withComments: false }
  canonicalize(target.kind === 'document' ? document : target.element, method, (octets) => {
    budget.octets -= octets.length
    hash.update(octets)
  })
  return hash.digest()
}
