import type { XmlElement } from 'libxml2-wasm'
import { type HashName, hashByXml, type SignatureAlgorithm, XML_SIGNATURES } from '../algorithms.ts'
import { unverifiable } from '../checks.ts'
import { CANONICALIZATIONS, type Canonicalization, canonicalBytes, EXCLUSIVE } from './xmldsig-canonical.ts'
import { base64Of, childElements, DSIG, isDsig, withXml } from './xmldsig-tree.ts'

export interface Reference {
  readonly uri: string | undefined
  readonly type: string | undefined
  readonly enveloped: boolean
  readonly canonicalization: Canonicalization | undefined
  readonly hash: HashName
  readonly digest: Buffer
}

export interface SignedInfo {
  /** The canonical octets: what the signature value is over. */
  readonly octets: Buffer
  readonly algorithm: SignatureAlgorithm
  readonly references: readonly Reference[]
}

const ENVELOPED = `${DSIG}enveloped-signature`

/**
 * Reads SignedInfo from its canonical octets, not from the document: what is obeyed is what is signed. Comments and
 * processing instructions are refused, the order and number of elements is that of the schema.
 * @throws SignatureStop `unverifiable`
 */
export function readSignedInfo(element: XmlElement): SignedInfo {
  if (element.find('.//comment() | .//processing-instruction()').length > 0) {
    throw unverifiable('form', 'signed-info-hidden')
  }
  const octets = canonicalBytes(element, canonicalizationOf(childElements(element)[0]))
  return withXml(octets, (canonical) => {
    const [canonicalization, method, ...references] = childElements(canonical.root)
    canonicalizationOf(canonicalization)
    if (references.length === 0) throw malformed('Reference')
    return { octets, algorithm: signatureMethod(method), references: references.map(readReference) }
  })
}

const malformed = (found: string) => unverifiable('form', 'signature-malformed', found)

const algorithmUri = (element: XmlElement): string => element.attr('Algorithm')?.value ?? ''

function canonicalizationOf(element: XmlElement | undefined): Canonicalization {
  if (element === undefined || !isDsig(element, 'CanonicalizationMethod'))
    throw malformed('CanonicalizationMethod')
  return (
    canonicalizationFrom(element) ??
    refuse(unverifiable('algorithm', 'algorithm-refused', algorithmUri(element)))
  )
}

function refuse(error: Error): never {
  throw error
}

function canonicalizationFrom(element: XmlElement): Canonicalization | undefined {
  const uri = algorithmUri(element)
  if (!Object.hasOwn(CANONICALIZATIONS, uri)) return undefined
  const parameters = childElements(element)
  if (parameters.length === 0) return CANONICALIZATIONS[uri]
  const [inclusive] = parameters
  if (
    parameters.length > 1 ||
    inclusive!.name !== 'InclusiveNamespaces' ||
    inclusive!.namespaceUri !== EXCLUSIVE
  ) {
    throw malformed(element.name)
  }
  const prefixes = (inclusive!.attr('PrefixList')?.value ?? '').split(/\s+/).filter((prefix) => prefix !== '')
  return { ...CANONICALIZATIONS[uri]!, inclusiveNamespacePrefixes: prefixes }
}

function signatureMethod(element: XmlElement | undefined): SignatureAlgorithm {
  if (element === undefined || !isDsig(element, 'SignatureMethod')) throw malformed('SignatureMethod')
  const uri = algorithmUri(element)
  if (!Object.hasOwn(XML_SIGNATURES, uri)) throw unverifiable('algorithm', 'algorithm-refused', uri)
  if (childElements(element).length > 0) throw malformed('SignatureMethod')
  return XML_SIGNATURES[uri]!
}

function readReference(element: XmlElement): Reference {
  if (!isDsig(element, 'Reference')) throw malformed(element.name)
  const children = childElements(element)
  const transforms = isDsig(children[0] ?? element, 'Transforms') ? childElements(children.shift()!) : []
  const [method, value] = children
  if (children.length !== 2 || !isDsig(method!, 'DigestMethod') || !isDsig(value!, 'DigestValue')) {
    throw malformed('Reference')
  }
  const hash = hashByXml(algorithmUri(method!))
  if (hash === undefined) throw unverifiable('algorithm', 'algorithm-refused', algorithmUri(method!))
  return {
    uri: element.attr('URI')?.value,
    type: element.attr('Type')?.value,
    ...readTransforms(transforms),
    hash,
    digest: base64Of(value!),
  }
}

/** At most enveloped-signature, then at most one canonicalisation: XSLT, XPath and all else change what is seen. */
function readTransforms(elements: readonly XmlElement[]): Pick<Reference, 'enveloped' | 'canonicalization'> {
  const rest = [...elements]
  for (const element of rest) if (!isDsig(element, 'Transform')) throw malformed('Transforms')
  const enveloped = rest[0] !== undefined && algorithmUri(rest[0]) === ENVELOPED
  if (enveloped) rest.shift()
  const [last, extra] = rest
  const canonicalization = last && canonicalizationFrom(last)
  const refused = canonicalization === undefined ? last : extra
  if (refused !== undefined) throw unverifiable('reference', 'transform-refused', algorithmUri(refused))
  return { enveloped, canonicalization }
}
