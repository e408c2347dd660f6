import type { XmlElementNode } from '../../xml/nodes.ts'
import type { HashName } from '../algorithms.ts'
import { invalid, unverifiable } from '../checks.ts'
import type { NodeSet } from './xml-canonical.ts'
import type { Octets } from './xml-streamed.ts'
import type { SignedDocument } from './xmldsig-document.ts'

/** The digest of an object that lies beside the signature, or undefined where there is none of that name. */
export type ExternalDigest = (uri: string, hash: HashName) => Uint8Array | undefined

/** The octets of such an object, for transforms and timestamps; undefined where it is not at hand or too large. */
export type ExternalBytes = (uri: string) => Uint8Array | undefined

/** What a reference leads to, and what each transform makes of it. */
export type Data =
  | { readonly kind: 'nodes'; readonly set: NodeSet; readonly withComments: boolean; readonly isOwn: boolean }
  | { readonly kind: 'octets'; readonly bytes: Octets }
  | { readonly kind: 'external'; readonly uri: string }

/** How a reference without a URI is asked for: the application knows what it means (XML-Signature 1.1 §4.4.3). */
export const UNNAMED = ''

const POINTER = /^#xpointer\(\s*(?:\/|id\(\s*(?:'([^']*)'|"([^"]*)")\s*\))\s*\)$/

/**
 * Finds what a reference leads to (XML-Signature 1.1 §4.4.3.2, §4.4.3.3): the document, an element by its Id, or an
 * object beside it. An Id that stands twice is refused: two readers may take two elements. Comments belong to the
 * node-set only where an xpointer asks for it.
 * @throws SignatureStop
 */
export function dereference(document: SignedDocument, uri: string | undefined): Data {
  if (uri === undefined) return { kind: 'external', uri: UNNAMED }
  if (uri === '') return nodes({ apex: document.root }, false)
  if (!uri.startsWith('#')) return { kind: 'external', uri }
  const pointer = POINTER.exec(uri)
  if (pointer === null) return nodes({ apex: elementById(document, uri.slice(1)) }, false)
  const id = pointer[1] ?? pointer[2]
  return nodes({ apex: id === undefined ? document.root : elementById(document, id) }, true)
}

const nodes = (set: NodeSet, withComments: boolean): Data => ({
  kind: 'nodes',
  set,
  withComments,
  isOwn: true,
})

/** An NCName: no other xpointer schemes. */
const NAME = /^[\p{L}_][\p{L}\p{N}\p{M}._·-]*$/u

/** @throws SignatureStop where no element, or more than one, bears the Id */
export function elementById({ byId }: SignedDocument, id: string): XmlElementNode {
  const written = id.includes('%') ? decoded(id) : id
  if (written !== '' && !NAME.test(written)) throw unverifiable('reference', 'transform-refused', `#${id}`)
  const found = byId.get(written) ?? []
  if (found.length > 1) throw unverifiable('reference', 'reference-ambiguous', written)
  if (found[0] === undefined) throw invalid('reference', 'reference-missing', written)
  return found[0]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Why an external object is not read: its URI would have to be fetched, which is never done, or it was not given.
 */
export const notAtHand = (uri: string) =>
  uri === UNNAMED || /^(?:https?|ftp|file|ldap|jar|data|gopher):/i.test(uri)
    ? unverifiable('reference', 'reference-external', uri || '—')
    : unverifiable('reference', 'content-detached', uri)
