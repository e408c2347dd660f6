import { attributeOf, childElements, elementsOf, type XmlElementNode } from '../../xml/nodes.ts'
import { type HashName, hashByXml, type SignatureAlgorithm, XML_SIGNATURES } from '../algorithms.ts'
import { SignatureStop, unverifiable } from '../checks.ts'
import { CANONICALIZATIONS, type Canonicalization, canonicalText, EXCLUSIVE } from './xml-canonical.ts'
import { readXml } from './xml-read.ts'
import { readPss } from './xmldsig-pss.ts'
import { pairUp } from './xmldsig-scope.ts'
import { base64Of, isDsig } from './xmldsig-tree.ts'

export interface Reference {
  readonly uri: string | undefined
  readonly type: string | undefined
  readonly id: string | undefined
  /** Transform elements, as they stand in the canonical SignedInfo. */
  readonly transforms: readonly XmlElementNode[]
  readonly hash: HashName
  readonly digest: Buffer
}

/** A reference that cannot be obeyed, with the reason. */
export interface RefusedReference {
  readonly uri: string | undefined
  readonly stop: SignatureStop
}

export interface SignedInfo {
  /** The canonical octets: what the signature value is over. */
  readonly octets: Buffer
  readonly canonicalization: Canonicalization
  readonly algorithm: SignatureAlgorithm | SignatureStop
  readonly references: readonly (Reference | RefusedReference)[]
}

/** A reference has two or three. */
const MAX_TRANSFORMS = 10

/**
 * Reads SignedInfo from its canonical octets, not from the document: what is obeyed is what is signed. Comments and
 * processing instructions are refused, the order and number of elements is that of the schema. An algorithm or a
 * reference that is refused stands in its place, so that the others are judged all the same.
 * @throws SignatureStop `unverifiable`
 */
export function readSignedInfo(element: XmlElementNode): SignedInfo {
  for (const one of elementsOf(element)) {
    if (one.children.some(({ kind }) => kind === 'comment' || kind === 'instruction'))
      throw unverifiable('form', 'signed-info-hidden')
  }
  const text = canonicalText({ apex: element }, canonicalizationOf(childElements(element)[0]))
  const canonical = readXml(text).root
  pairUp(canonical, element)
  const [first, method, ...references] = childElements(canonical)
  const canonicalization = canonicalizationOf(first)
  if (references.length === 0) throw malformed('Reference')
  return {
    octets: Buffer.from(text),
    canonicalization,
    algorithm: orStop(() => signatureMethod(method)),
    references: references.map((one) => {
      const read = orStop(() => readReference(one))
      return read instanceof SignatureStop ? { uri: attributeOf(one, 'URI'), stop: read } : read
    }),
  }
}

function orStop<T>(work: () => T): T | SignatureStop {
  try {
    return work()
  } catch (error) {
    if (error instanceof SignatureStop) return error
    throw error
  }
}

const malformed = (found: string) => unverifiable('form', 'signature-malformed', found)

export const algorithmUri = (element: XmlElementNode): string => attributeOf(element, 'Algorithm') ?? ''

function canonicalizationOf(element: XmlElementNode | undefined): Canonicalization {
  if (element === undefined || !isDsig(element, 'CanonicalizationMethod'))
    throw malformed('CanonicalizationMethod')
  const found = canonicalizationFrom(element)
  if (found === undefined) throw unverifiable('algorithm', 'algorithm-refused', algorithmUri(element))
  return found
}

/** The canonicalisation that an element names, with its PrefixList; undefined where it names another algorithm. */
export function canonicalizationFrom(element: XmlElementNode): Canonicalization | undefined {
  const uri = algorithmUri(element)
  if (!Object.hasOwn(CANONICALIZATIONS, uri)) return undefined
  const parameters = childElements(element)
  if (parameters.length === 0) return CANONICALIZATIONS[uri]
  const [inclusive] = parameters
  if (parameters.length > 1 || inclusive!.local !== 'InclusiveNamespaces' || inclusive!.uri !== EXCLUSIVE)
    throw malformed(element.local)
  const prefixes = (attributeOf(inclusive!, 'PrefixList') ?? '')
    .split(/[ \t\r\n]+/)
    .filter((one) => one !== '')
  return { ...CANONICALIZATIONS[uri]!, prefixes }
}

function signatureMethod(element: XmlElementNode | undefined): SignatureAlgorithm {
  if (element === undefined || !isDsig(element, 'SignatureMethod')) throw malformed('SignatureMethod')
  const uri = algorithmUri(element)
  const pss = readPss(element, uri)
  if (pss !== undefined) return pss
  if (!Object.hasOwn(XML_SIGNATURES, uri)) throw unverifiable('algorithm', 'algorithm-refused', uri)
  if (childElements(element).length > 0) throw malformed('SignatureMethod')
  return XML_SIGNATURES[uri]!
}

function readReference(element: XmlElementNode): Reference {
  if (!isDsig(element, 'Reference')) throw malformed(element.local)
  const children = childElements(element)
  const transforms = isDsig(children[0] ?? element, 'Transforms') ? childElements(children.shift()!) : []
  const [method, value] = children
  if (children.length !== 2 || !isDsig(method!, 'DigestMethod') || !isDsig(value!, 'DigestValue'))
    throw malformed('Reference')
  if (transforms.length > MAX_TRANSFORMS || !transforms.every((one) => isDsig(one, 'Transform')))
    throw malformed('Transforms')
  const hash = hashByXml(algorithmUri(method!))
  if (hash === undefined) throw unverifiable('algorithm', 'algorithm-refused', algorithmUri(method!))
  return {
    uri: attributeOf(element, 'URI'),
    type: attributeOf(element, 'Type'),
    id: attributeOf(element, 'Id'),
    transforms,
    hash,
    digest: base64Of(value!),
  }
}
