import { createHash } from 'node:crypto'
import type { XmlDocument, XmlElement } from 'libxml2-wasm'
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

export const newBudget = (): Budget => ({ nodes: 300_000, octets: 256 * 1024 * 1024 })

/** Where a reference leads: the document, one of its elements, or a named object beside it. */
export type Target =
  | { readonly kind: 'document' }
  | { readonly kind: 'element'; readonly element: XmlElement }
  | { readonly kind: 'external'; readonly uri: string }

/** The digest of an object that lies beside the signature, or undefined where there is none of that name. */
export type ExternalDigest = (uri: string, hash: HashName) => Uint8Array | undefined

/**
 * Finds what a reference leads to. An Id that stands twice is refused: two readers may take two elements.
 * @throws SignatureStop
 */
export function resolve(document: XmlDocument, uri: string | undefined, external?: ExternalDigest): Target {
  if (uri === '') return { kind: 'document' }
  if (uri === undefined || !uri.startsWith('#')) {
    if (uri === undefined || external === undefined)
      throw unverifiable('reference', 'reference-external', uri ?? '—')
    return { kind: 'external', uri }
  }
  const id = uri.slice(1)
  // An NCName: no quotes that could end the XPath literal, no xpointer() schemes.
  if (!/^[\p{L}_][\p{L}\p{N}\p{M}._·-]*$/u.test(id)) throw unverifiable('reference', 'transform-refused', uri)
  // Of any namespace: xml:id and wsu:Id are read as Ids too.
  const isId = `local-name()='Id' or local-name()='ID' or local-name()='id'`
  const found = document.find(`//*[@*[(${isId}) and .='${id}']]`) as XmlElement[]
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
  document: XmlDocument,
  signature: XmlElement,
  resolved: readonly ResolvedReference[],
  external: ExternalDigest | undefined,
  notes: Notes,
  budget: Budget,
): void {
  const nodes = Number(document.eval('count(//* | //@*)'))
  const plain = resolved.filter(({ reference }) => !reference.enveloped)
  const enveloped = resolved.filter(({ reference }) => reference.enveloped)
  const wrong: string[] = []
  const compare = ({ reference, target }: ResolvedReference) => {
    if (HASHES[reference.hash].weak) notes.strong = false
    if (budget.nodes < 0 || budget.octets < 0) throw unverifiable('digest', 'xml-too-costly')
    if (target.kind !== 'external') budget.nodes -= nodes
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
