import { childElements, elementsOf, isInside, type XmlElementNode, type XmlRoot } from '../../xml/nodes.ts'
import { unverifiable } from '../checks.ts'
import type { SignedDocument } from './xmldsig-document.ts'
import type { ResolvedReference } from './xmldsig-references.ts'
import { algorithmUri, canonicalizationFrom } from './xmldsig-signed-info.ts'
import { DSIG, isDsig } from './xmldsig-tree.ts'

/**
 * Whether the references together cover all that a reader takes for the document.
 * @throws SignatureStop where a reference leads to a place that no reader looks at
 */
export type CoverageRule = (
  document: SignedDocument,
  signature: XmlElementNode,
  references: readonly ResolvedReference[],
) => boolean

/** Whether one of the references covers an element with all that it contains, signatures apart. */
const covers = (references: readonly ResolvedReference[], element: XmlElementNode): boolean =>
  references.some((one) => coversElement(one, element))

function coversElement({ nodes, isTextOnly }: ResolvedReference, element: XmlElementNode): boolean {
  if (nodes === undefined) return false
  const { apex, without, only } = nodes.set
  if (apex.kind === 'element' && apex !== element && !isInside(element, apex)) return false
  // What is left out with an ancestor is not covered; the signatures themselves may be left out.
  for (const one of without ?? []) if (!isDsig(one, 'Signature') || isInside(element, one)) return false
  if (isTextOnly) return element.attributes.length === 0 && childElements(element).length === 0
  return only === undefined || holdsAll(only, element)
}

function holdsAll(only: ReadonlySet<unknown>, top: XmlElementNode): boolean {
  for (const element of elementsOf(top)) {
    if (isInsideSignature(element, top)) continue
    if (!only.has(element) || element.attributes.some((one) => !only.has(one))) return false
    if (element.children.some((node) => node.kind === 'text' && !only.has(node))) return false
  }
  return true
}

function isInsideSignature(element: XmlElementNode, top: XmlElementNode): boolean {
  for (
    let node: XmlElementNode | XmlRoot = element;
    node.kind === 'element' && node !== top;
    node = node.parent
  )
    if (isDsig(node, 'Signature')) return true
  return false
}

/** An XML file of any kind: its root must be covered, or every object where the signature itself is the root. */
export const coversRoot: CoverageRule = ({ root }, signature, references) => {
  if (root.root !== signature) return covers(references, root.root)
  const contents = contentsOf(signature)
  return contents.length > 0 && contents.every((one) => coversObject(references, one))
}

/**
 * The same where objects are given beside the file. Where it holds nothing but signatures these objects are what was
 * signed: each of them must be named, and what a signature holds itself must be covered.
 * @param objectNamed the object that a reference names, if any
 */
export const coversObjectsBeside =
  (objects: readonly unknown[], objectNamed: (uri: string | undefined) => unknown): CoverageRule =>
  (document, signature, references) => {
    if (objects.length === 0 || !holdsOnlySignatures(document.root.root))
      return coversRoot(document, signature, references)
    const named = references.filter(isOverWholeObject).map(({ reference }) => objectNamed(reference.uri))
    return (
      objects.every((one) => named.includes(one)) &&
      contentsOf(signature).every((one) => coversObject(references, one))
    )
  }

/** Whether a reference leads to an object beside the signature, and its transforms leave nothing of that out. */
export const isOverWholeObject = ({ target, reference }: ResolvedReference): boolean =>
  target === 'external' && reference.transforms.every(keepsAll)

const keepsAll = (transform: XmlElementNode): boolean =>
  canonicalizationFrom(transform) !== undefined || algorithmUri(transform) === `${DSIG}base64`

const holdsOnlySignatures = (root: XmlElementNode): boolean =>
  isDsig(root, 'Signature') ||
  (root.attributes.length === 0 &&
    !holdsText(root) &&
    childElements(root).length > 0 &&
    childElements(root).every((child) => isDsig(child, 'Signature')))

/** The Objects of a signature that hold content, not what is said of the signature. */
const contentsOf = (signature: XmlElementNode): XmlElementNode[] =>
  childElements(signature)
    .filter((child) => isDsig(child, 'Object'))
    .filter((one) => !childElements(one).some(({ local }) => PROPERTIES.has(local)))

/** An Object, or what it contains where its own tag says nothing. */
const coversObject = (references: readonly ResolvedReference[], object: XmlElementNode): boolean => {
  if (covers(references, object) || references.some((one) => isTextOf(one, object))) return true
  const children = childElements(object)
  return children.length > 0 && !holdsText(object) && children.every((one) => covers(references, one))
}

/** A base64 transform of an Object: its attributes say how to read the text, and no more. */
const isTextOf = ({ nodes, isTextOnly }: ResolvedReference, object: XmlElementNode): boolean =>
  isTextOnly && nodes?.set.apex === object && childElements(object).length === 0

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
export const coversPacket: CoverageRule = ({ root }, signature, references) => {
  for (const { target } of references) {
    if (target === 'external' || target.kind === 'root' || isInside(target, signature)) continue
    if (!isValueOfAnother(target) && !isKnownPlace(target))
      throw unverifiable('reference', 'reference-position', placeOf(target))
  }
  return isCovered(root.root, references)
}

/** An XML file of whatever kind: a packet is judged by the rule of packets, as where it is taken in. */
export const coversFile = (...given: Parameters<typeof coversObjectsBeside>): CoverageRule => {
  const coversOther = coversObjectsBeside(...given)
  return (document, signature, references) => {
    const { local, uri } = document.root.root
    const rule = local === 'edXML' && uri === QCVN_102 ? coversPacket : coversOther
    return rule(document, signature, references)
  }
}

/** A countersignature is over another signature's value. */
const isValueOfAnother = (target: XmlElementNode): boolean =>
  isDsig(target, 'SignatureValue') && target.parent.kind === 'element' && isDsig(target.parent, 'Signature')

function isCovered(element: XmlElementNode, references: readonly ResolvedReference[]): boolean {
  if (covers(references, element) || isDsig(element, 'Signature')) return true
  const isContainer = isKnownPlace(element) && PLACES[placeOf(element)] === 'container'
  if (!isContainer || holdsText(element)) return false
  const children = childElements(element)
  return children.length > 0 && children.every((child) => isCovered(child, references))
}

const holdsText = (element: XmlElementNode): boolean =>
  element.children.some((node) => node.kind === 'text' && /[^ \t\r\n]/.test(node.value))

function placeOf(element: XmlElementNode): string {
  const names: string[] = []
  for (let node: XmlElementNode | XmlRoot = element; node.kind === 'element'; node = node.parent)
    names.unshift(node.local)
  return names.join('/')
}

/** In a known place, in the namespace of the packet all the way up, and (attachments apart) the only one there. */
function isKnownPlace(element: XmlElementNode): boolean {
  if (!Object.hasOwn(PLACES, placeOf(element))) return false
  for (let node: XmlElementNode | XmlRoot = element; node.kind === 'element'; node = node.parent) {
    if (node.uri !== QCVN_102) return false
    const { parent, local } = node
    if (parent.kind === 'root' || local === 'Attachment') continue
    if (childElements(parent).filter((sibling) => sibling.local === local).length > 1) return false
  }
  return true
}

/** A detached signature over objects beside it, such as an ASiC-E container's: each of them must be named. */
export const coversNamedObjects =
  (uris: readonly string[]): CoverageRule =>
  (_document, _signature, references) =>
    uris.length > 0 &&
    uris.every((uri) => references.some(({ data }) => data.kind === 'external' && data.uri === uri))
