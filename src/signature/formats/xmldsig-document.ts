import { elementsOf, type Scope, type XmlElementNode, type XmlRoot } from '../../xml/nodes.ts'
import { unverifiable } from '../checks.ts'
import { parseXml } from './xml-parse.ts'
import { DSIG, isDsig } from './xmldsig-tree.ts'

/** Far above any packet or file of data; each costs several visits. */
const MAX_ELEMENTS = 300_000

/** A document under check, with what one walk over it finds. */
export interface SignedDocument {
  readonly root: XmlRoot
  readonly byId: ReadonlyMap<string, readonly XmlElementNode[]>
  /** Every Signature element, in document order. */
  readonly signatures: readonly XmlElementNode[]
  /** Look like signatures, but no reader of XML-Signature would find one there. */
  readonly foreign: readonly XmlElementNode[]
}

/** @throws SignatureStop `unverifiable` where the bytes are not read */
export const readSignedDocument = (bytes: Uint8Array, anyEncoding: boolean): SignedDocument =>
  signedDocument(parseXml(bytes, anyEncoding))

/** The same for one that was read before. @throws SignatureStop `unverifiable` */
export function signedDocument(root: XmlRoot): SignedDocument {
  const byId = new Map<string, readonly XmlElementNode[]>()
  const signatures: XmlElementNode[] = []
  const suspects = new Set<XmlElementNode>()
  let elements = 0
  let relative: string | undefined
  for (const element of elementsOf(root)) {
    if (++elements > MAX_ELEMENTS) throw unverifiable('form', 'xml-too-costly', `> ${MAX_ELEMENTS}`)
    noteIds(element, byId)
    if (isDsig(element, 'Signature')) signatures.push(element)
    else if (element.local === 'Signature' || element.local === 'DigitalSignature') suspects.add(element)
    if (element.parent.kind === 'root' || element.scope !== element.parent.scope)
      relative ??= relativeIn(element.scope)
  }
  const foreign = [...suspects].filter((one) => isForeign(one, suspects))
  // Relative namespace URIs have no canonical form (Canonical XML 1.0 §1.3).
  if (relative !== undefined && signatures.length > 0)
    throw unverifiable('reference', 'xml-unreadable', `xmlns="${relative}"`)
  return { root, byId, signatures, foreign }
}

/** Of any namespace: xml:id and wsu:Id are read as Ids too. */
const isId = (local: string): boolean => local === 'Id' || local === 'ID' || local === 'id'

function noteIds(element: XmlElementNode, byId: Map<string, readonly XmlElementNode[]>): void {
  for (const { local, value } of element.attributes) {
    if (!isId(local)) continue
    const others = byId.get(value) ?? []
    // An element that bears one Id in two spellings is still one element.
    if (!others.includes(element)) byId.set(value, [...others.slice(0, 1), element])
  }
}

const relativeIn = (scope: Scope): string | undefined =>
  [...scope.values()].find((uri) => uri !== '' && !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri))

/** An empty element is none at all, one inside another is a part of it, and one that holds a real signature its wrapper. */
function isForeign(element: XmlElementNode, suspects: ReadonlySet<XmlElementNode>): boolean {
  if (element.uri === DSIG) return false
  for (let node = element.parent; node.kind === 'element'; node = node.parent)
    if (suspects.has(node)) return false
  let isFilled = false
  for (const one of elementsOf(element)) {
    if (one !== element && one.uri === DSIG) return false
    if (one.local === 'SignedInfo' && one.parent === element) isFilled = true
    if (element.local === 'DigitalSignature' && hasText(one)) isFilled = true
  }
  return isFilled
}

const hasText = (element: XmlElementNode): boolean =>
  element.children.some((node) => node.kind === 'text' && /[^ \t\r\n]/.test(node.value))
