import { isInside, type XmlElementNode, type XmlRoot } from '../../xml/nodes.ts'
import { HASHES } from '../algorithms.ts'
import { failed, type Notes, noteInvalid, passed, SignatureStop, unverifiable } from '../checks.ts'
import { digestOf as digestOctets } from './xml-streamed.ts'
import { type Data, dereference, type ExternalDigest, notAtHand } from './xmldsig-data.ts'
import type { Place } from './xmldsig-place.ts'
import { algorithmUri, type Reference, type SignedInfo } from './xmldsig-signed-info.ts'
import { toOctets, transformed } from './xmldsig-transforms.ts'
import { DSIG } from './xmldsig-tree.ts'

/** A reference that leads somewhere, with what its transforms left. */
export interface ResolvedReference {
  readonly reference: Reference
  /** Where it leads, before the transforms: the document, one of its elements, or an object beside it. */
  readonly target: XmlRoot | XmlElementNode | 'external'
  readonly data: Data
  /** The nodes of the document that are digested; undefined for objects beside it. */
  readonly nodes: Extract<Data, { kind: 'nodes' }> | undefined
  /** Whether what is digested is the text of the nodes alone. */
  readonly isTextOnly: boolean
}

/**
 * Compares every digest and notes each reference. One that cannot be read does not keep the others from being judged.
 * Answers those that lead somewhere.
 */
export function judgeReferences(
  { references }: SignedInfo,
  place: Place,
  external: ExternalDigest | undefined,
  notes: Notes,
): ResolvedReference[] {
  const resolved: ResolvedReference[] = []
  const wrong: string[] = []
  for (const reference of references) {
    const uri = reference.uri ?? ''
    try {
      if ('stop' in reference) throw reference.stop
      notes.digestAlgorithm ??= reference.hash
      if (HASHES[reference.hash].weak) notes.strong = false
      const found = resolveReference(reference, place)
      resolved.push(found)
      const intact = reference.digest.equals(digestOf(found, place, external))
      if (!intact) wrong.push(uri)
      notes.references.push({ uri, intact })
    } catch (error) {
      if (!(error instanceof SignatureStop)) throw error
      notes.references.push({ uri, intact: error.state === 'invalid' ? false : null })
      noteStop(notes, error)
    }
  }
  if (wrong.length > 0)
    noteInvalid(notes, failed('digest', 'digest-mismatch', wrong.map((uri) => `"${uri}"`).join(', ')))
  else if (notes.references.every(({ intact }) => intact === true)) notes.checks.push(passed('digest'))
  return resolved
}

/** Notes why a part was not judged, and goes on with the others. */
export function noteStop(notes: Notes, { state, check }: SignatureStop): void {
  if (notes.state !== 'invalid') notes.state = state
  const isTold = notes.checks.some(
    ({ check: name, reason }) => name === check.check && reason?.en === check.reason?.en,
  )
  if (!isTold) notes.checks.push(check)
}

/** @throws SignatureStop */
export function resolveReference(reference: Reference, place: Place): ResolvedReference {
  const first = dereference(place.document, reference.uri)
  if (first.kind === 'nodes') refuseMisplaced(reference, first.set.apex, place.signature)
  let data = first
  let nodes = ownNodes(first)
  let isTextOnly = false
  for (const transform of reference.transforms) {
    const next = transformed(data, transform, place)
    // A canonicalisation, or base64, makes octets of the nodes before it; another one leaves them the same nodes.
    if (next.kind === 'octets') isTextOnly ||= isBase64(transform)
    else nodes = ownNodes(next)
    data = next
  }
  return { reference, target: first.kind === 'nodes' ? first.set.apex : 'external', data, nodes, isTextOnly }
}

/** What a Type promises (XML-Signature 1.1 §4.4.3.1, §5.1; EN 319 132-1 §4.3.1), and where inside the signature it stands. */
const TYPES: readonly (readonly [type: RegExp, path: readonly string[]])[] = [
  [/^http:\/\/www\.w3\.org\/2000\/09\/xmldsig#Manifest$/, ['Manifest', 'Object', 'Signature']],
  [
    /^http:\/\/uri\.etsi\.org\/01903(?:\/v\d\.\d\.\d)?\/?#SignedProperties$/,
    ['SignedProperties', 'QualifyingProperties', 'Object', 'Signature'],
  ],
]

/** A part of the signature that was moved aside in it is not the one that readers take. */
function refuseMisplaced(
  { type, uri }: Reference,
  target: XmlRoot | XmlElementNode,
  signature: XmlElementNode,
): void {
  const path = TYPES.find(([pattern]) => pattern.test(type ?? ''))?.[1]
  if (path === undefined || target.kind === 'root' || !isInside(target, signature)) return
  let node: XmlRoot | XmlElementNode = target
  for (const name of path) {
    if (node.kind === 'root' || node.local !== name)
      throw unverifiable('reference', 'reference-position', uri ?? '')
    if (name !== 'Signature') node = node.parent
  }
  if (node !== signature) throw unverifiable('reference', 'reference-position', uri ?? '')
}

const ownNodes = (data: Data): ResolvedReference['nodes'] =>
  data.kind === 'nodes' && data.isOwn ? data : undefined

const isBase64 = (transform: XmlElementNode): boolean => algorithmUri(transform) === `${DSIG}base64`

function digestOf(
  { reference, data }: ResolvedReference,
  place: Place,
  external: ExternalDigest | undefined,
): Uint8Array {
  if (data.kind !== 'external') return digestOctets([toOctets(data, place)], reference.hash, place.streamed)
  const digest = external?.(data.uri, reference.hash)
  if (digest === undefined) throw notAtHand(data.uri)
  return digest
}

/** The elements inside the signature, itself apart, that a reference covers as they are. */
export const ownParts = (
  resolved: readonly ResolvedReference[],
  signature: XmlElementNode,
): XmlElementNode[] =>
  resolved.flatMap(({ nodes, isTextOnly }) => {
    if (nodes === undefined || isTextOnly || nodes.set.only !== undefined) return []
    const { apex } = nodes.set
    return apex.kind === 'element' && apex !== signature && isInside(apex, signature) ? [apex] : []
  })
