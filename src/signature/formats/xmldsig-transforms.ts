import { childElements, elementsOf, isInside, type XmlElementNode } from '../../xml/nodes.ts'
import { invalid, unverifiable } from '../checks.ts'
import {
  type CanonicalForm,
  type Canonicalization,
  canonicalForm,
  DEFAULT_CANONICALIZATION,
} from './xml-canonical.ts'
import { parseXml } from './xml-parse.ts'
import { bytesOf, type Octets } from './xml-streamed.ts'
import { canonicalAsWritten } from './xml-written.ts'
import { type Data, notAtHand } from './xmldsig-data.ts'
import { applyFilters, applyXPath } from './xmldsig-filter.ts'
import { type Budget, charge, type Place } from './xmldsig-place.ts'
import { algorithmUri, canonicalizationFrom } from './xmldsig-signed-info.ts'
import { DSIG, decodeBase64, isDsig } from './xmldsig-tree.ts'
import { xpathMeaning } from './xmldsig-xpath.ts'

type Transform = (data: Data, element: XmlElementNode, place: Place) => Data

/** Every transform that is carried out. XSLT and all else change what is seen beyond what can be judged here. */
const TRANSFORMS: ReadonlyMap<string, Transform> = new Map<string, Transform>([
  [`${DSIG}enveloped-signature`, (data, _, place) => leaveOut(data, [place.signature], place)],
  [`${DSIG}base64`, (data, _, place) => ({ kind: 'octets', bytes: fromBase64(data, place) })],
  ['http://www.w3.org/TR/1999/REC-xpath-19991116', byXPath],
  [
    'http://www.w3.org/2002/06/xmldsig-filter2',
    (data, element, place) => applyFilters(toNodes(data, place), childElements(element), place),
  ],
])

/** @throws SignatureStop where the transform is refused or cannot be carried out */
export function transformed(data: Data, element: XmlElementNode, place: Place): Data {
  const canonicalization = canonicalizationFrom(element)
  if (canonicalization !== undefined)
    return { kind: 'octets', bytes: canonicalOctets(toNodes(data, place), canonicalization, place.budget) }
  const transform = TRANSFORMS.get(algorithmUri(element))
  if (transform === undefined) throw refused(element)
  return transform(data, element, place)
}

const refused = (element: XmlElementNode) =>
  unverifiable('reference', 'transform-refused', algorithmUri(element))

type Nodes = Extract<Data, { kind: 'nodes' }>

/** Octets are parsed where nodes are wanted (XML-Signature 1.1 §4.4.3.2). */
export function toNodes(data: Data, place: Place): Nodes {
  if (data.kind === 'nodes') return data
  const bytes = data.kind === 'octets' ? bytesOf(data.bytes, place.streamed) : externalOctets(data.uri, place)
  charge(place.budget, bytes.length / 4, bytes.length)
  return { kind: 'nodes', set: { apex: parseXml(bytes) }, withComments: true, isOwn: false }
}

/** The octets that a digest is made of; nodes without a canonicalising transform get the default one. */
export function toOctets(data: Data, place: Place, otherwise = DEFAULT_CANONICALIZATION): Octets {
  if (data.kind === 'octets') return data.bytes
  if (data.kind === 'external') return externalOctets(data.uri, place)
  return canonicalOctets(data, otherwise, place.budget)
}

function externalOctets(uri: string, { externalBytes }: Place): Uint8Array {
  const bytes = externalBytes?.(uri)
  if (bytes === undefined) throw notAtHand(uri)
  return bytes
}

/** @throws SignatureStop `unverifiable` where it costs too much; then nothing more of the document is canonicalised */
export function canonicalOctets(
  { set, withComments }: Nodes,
  method: Canonicalization,
  budget: Budget,
): Octets {
  charge(budget, 1)
  const written = canonicalAsWritten(set, method)
  if (written !== undefined) {
    charge(budget, 1, written.length)
    return written
  }
  try {
    const form = canonicalForm(set, { ...method, withComments: withComments && method.withComments })
    const octets = octetsOf(form)
    charge(budget, form.visited, octets instanceof Uint8Array ? octets.length : form.text.length)
    return octets
  } catch (error) {
    budget.octets = -1
    throw error
  }
}

function octetsOf({ text, cuts }: CanonicalForm): Octets {
  if (cuts.length === 0) return Buffer.from(text)
  const parts = cuts.flatMap(({ at, cut }, index) => [
    Buffer.from(text.slice(cuts[index - 1]?.at ?? 0, at)),
    cut,
  ])
  return { parts: [...parts, Buffer.from(text.slice(cuts.at(-1)!.at))] }
}

function leaveOut(data: Data, elements: readonly XmlElementNode[], place: Place): Data {
  if (data.kind === 'external') externalOctets(data.uri, place)
  // The signature can be taken out of its own document only (XML-Signature 1.1 §6.6.4).
  if (data.kind !== 'nodes' || !data.isOwn) throw unverifiable('reference', 'transform-refused', 'enveloped')
  const { set } = data
  const { apex } = set
  // What stands inside a signature is left out with it: nothing remains.
  if (apex.kind === 'element' && elements.some((one) => one !== apex && isInside(apex, one)))
    return { ...data, set: { ...set, only: new Set() } }
  return { ...data, set: { ...set, without: new Set([...(set.without ?? []), ...elements]) } }
}

function byXPath(data: Data, element: XmlElementNode, place: Place): Data {
  const meaning = xpathMeaning(element)
  if (meaning === undefined) {
    if (place.anyXPath === true) return applyXPath(toNodes(data, place), element, place)
    throw refused(element)
  }
  if (meaning === 'own-signature') return leaveOut(data, [place.signature], place)
  if (data.kind === 'nodes' && data.isOwn) return leaveOut(data, place.document.signatures, place)
  const nodes = toNodes(data, place)
  const signatures = [...elementsOf(nodes.set.apex)].filter((one) => isDsig(one, 'Signature'))
  return { ...nodes, set: { ...nodes.set, without: new Set(signatures) } }
}

/** XML-Signature 1.1 §6.6.2: of nodes, their text. */
function fromBase64(data: Data, place: Place): Uint8Array {
  const text =
    data.kind === 'nodes'
      ? textOf(data)
      : Buffer.from(bytesOf(toOctets(data, place), place.streamed)).toString('latin1')
  charge(place.budget, text.length / 64, text.length)
  const bytes = decodeBase64(text)
  if (bytes === undefined) throw invalid('reference', 'digest-mismatch', 'base64')
  return bytes
}

function textOf({ set }: Nodes): string {
  let text = ''
  for (const element of elementsOf(set.apex)) {
    if (isLeftOut(element, set.without)) continue
    for (const node of element.children)
      if (node.kind === 'text' && (set.only === undefined || set.only.has(node))) text += node.value
  }
  return text
}

function isLeftOut(element: XmlElementNode, without: ReadonlySet<XmlElementNode> | undefined): boolean {
  if (without === undefined) return false
  for (let node: XmlElementNode['parent'] = element; node.kind === 'element'; node = node.parent)
    if (without.has(node)) return true
  return false
}
