import { type XmlDocument, type XmlElement, XmlText } from 'libxml2-wasm'
import { unverifiable } from '../checks.ts'
import type { Target } from './xmldsig-references.ts'
import { childElements, isDsig, isInside } from './xmldsig-tree.ts'

/**
 * Whether the references together cover all that a reader takes for the document.
 * @throws SignatureStop where a reference leads to a place that no reader looks at
 */
export type CoverageRule = (
  document: XmlDocument,
  signature: XmlElement,
  targets: readonly Target[],
) => boolean

const covers = (targets: readonly Target[], element: XmlElement): boolean =>
  targets.some((target) => target.kind === 'element' && target.element.isSameNode(element))

/** An XML file of any kind: its root must be covered, or every object where the signature itself is the root. */
export const coversRoot: CoverageRule = (document, signature, targets) => {
  if (targets.some(({ kind }) => kind === 'document')) return true
  if (!document.root.isSameNode(signature)) return covers(targets, document.root)
  const objects = childElements(signature).filter((child) => isDsig(child, 'Object'))
  const contents = objects.filter((one) => !childElements(one).some(({ name }) => PROPERTIES.has(name)))
  return contents.length > 0 && contents.every((one) => covers(targets, one))
}

const PROPERTIES = new Set(['QualifyingProperties', 'SignatureProperties'])

export const QCVN_102 = 'http://www.mic.gov.vn/TBT/QCVN_102_2016'

/** The named places of a packet (QCVN 102:2016 §1, §2); `container` is covered when all of its children are. */
const PLACES: Readonly<Record<string, 'container' | 'leaf'>> = {
  edXML: 'container',
  'edXML/edXMLEnvelope': 'container',
  'edXML/edXMLEnvelope/edXMLHeader': 'container',
  'edXML/edXMLEnvelope/edXMLHeader/MessageHeader': 'leaf',
  'edXML/edXMLEnvelope/edXMLHeader/TraceHeaderList': 'leaf',
  'edXML/edXMLEnvelope/edXMLBody': 'leaf',
  'edXML/AttachmentEncoded': 'container',
  'edXML/AttachmentEncoded/Attachment': 'leaf',
}

/**
 * An edXML packet: a reference leads to the whole packet, to a named place of it, or to properties inside the
 * signature. The signed element must stand where a reader takes it from, or it is a wrapped copy.
 */
export const coversPacket: CoverageRule = (document, signature, targets) => {
  for (const target of targets) {
    if (target.kind !== 'element' || isInside(target.element, signature)) continue
    // A countersignature is over another signature's value.
    if (
      isDsig(target.element, 'SignatureValue') &&
      isDsig(target.element.parent ?? target.element, 'Signature')
    )
      continue
    if (!isKnownPlace(target.element))
      throw unverifiable('reference', 'reference-position', placeOf(target.element))
  }
  return targets.some(({ kind }) => kind === 'document') || isCovered(document.root, targets)
}

function isCovered(element: XmlElement, targets: readonly Target[]): boolean {
  if (covers(targets, element) || isDsig(element, 'Signature')) return true
  const isContainer = isKnownPlace(element) && PLACES[placeOf(element)] === 'container'
  if (!isContainer || holdsText(element)) return false
  const children = childElements(element)
  return children.length > 0 && children.every((child) => isCovered(child, targets))
}

const holdsText = (element: XmlElement): boolean => {
  for (let node = element.firstChild; node !== null; node = node.next) {
    if (node instanceof XmlText && node.content.trim() !== '') return true
  }
  return false
}

function placeOf(element: XmlElement): string {
  const names: string[] = []
  for (let node: XmlElement | null = element; node !== null; node = node.parent) names.unshift(node.name)
  return names.join('/')
}

/** In a known place, in the namespace of the packet all the way up, and (attachments apart) the only one there. */
function isKnownPlace(element: XmlElement): boolean {
  if (!Object.hasOwn(PLACES, placeOf(element))) return false
  for (let node: XmlElement | null = element; node !== null; node = node.parent) {
    if (node.namespaceUri !== QCVN_102) return false
    const { parent, name } = node
    if (parent === null || name === 'Attachment') continue
    if (childElements(parent).filter((sibling) => sibling.name === name).length > 1) return false
  }
  return true
}

/** A detached signature over objects beside it, such as an ASiC-E container's: each of them must be named. */
export const coversNamedObjects =
  (uris: readonly string[]): CoverageRule =>
  (_document, _signature, targets) =>
    uris.length > 0 && uris.every((uri) => targets.some((one) => one.kind === 'external' && one.uri === uri))
