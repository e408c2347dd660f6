import { childElements, type XmlElementNode } from '../../xml/nodes.ts'
import { type Evidence, noEvidence, take, wrapBasicOcsp } from './cms-evidence.ts'
import { isXades, unsignedProperties } from './xades-properties.ts'
import { decodeBase64, isDsig } from './xmldsig-tree.ts'

/** Properties that hold validation data (EN 319 132-1 §5.4, TS 101 903 §7.6 and §8.1). */
const HOLDERS = new Set([
  'CertificateValues',
  'RevocationValues',
  'AttrAuthoritiesCertValues',
  'AttributeCertificateValues',
  'AttributeRevocationValues',
  'TimeStampValidationData',
  'AnyValidationData',
])

const ENUMERATED = 0x0a

/** Encapsulated values by their element's name. An OCSP value is a response, or the bare basic one inside. */
const VALUES: Readonly<Record<string, (der: Buffer, into: Evidence) => void>> = {
  EncapsulatedX509Certificate: (der, { certificates }) => take(certificates, der),
  EncapsulatedCRLValue: (der, { crls }) => take(crls, der),
  EncapsulatedOCSPValue: (der, { ocsps }) => take(ocsps, isOcspResponse(der) ? der : wrapBasicOcsp(der)),
}

function isOcspResponse(der: Buffer): boolean {
  const length = der[1] ?? 0
  return der[length < 0x80 ? 2 : 2 + (length & 0x7f)] === ENUMERATED
}

/** The validation data that a signature carries in its unsigned properties. All of it is untrusted. */
export function embeddedEvidence(signature: XmlElementNode): Evidence {
  const evidence = noEvidence()
  for (const property of unsignedProperties(signature))
    if (isXades(property) && HOLDERS.has(property.local)) gather(property, evidence)
  return evidence
}

function gather(element: XmlElementNode, into: Evidence): void {
  if (isDsig(element, 'Signature')) return
  const value = Object.hasOwn(VALUES, element.local) && isXades(element) ? VALUES[element.local] : undefined
  if (value === undefined) {
    for (const child of childElements(element)) gather(child, into)
    return
  }
  const text = element.children.map((node) => (node.kind === 'text' ? node.value : '?')).join('')
  const der = decodeBase64(text)
  if (der !== undefined) value(der, into)
}
