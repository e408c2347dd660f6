import { type Ber, childrenOf, isContext, isUniversal, TAG } from './ber.ts'
import { type AttributeList, valuesOf } from './cms-attributes.ts'
import { type Evidence, take, wrapBasicOcsp } from './cms-evidence.ts'

const CERTIFICATE_VALUES = '1.2.840.113549.1.9.16.2.23'
const REVOCATION_VALUES = '1.2.840.113549.1.9.16.2.24'
/** Adobe's RevocationInfoArchival (ISO 32000-2 §12.8.3.3.2), a signed attribute. */
const ADOBE_REVOCATION = '1.2.840.113583.1.1.8'

/** Evidence in unsigned attributes (ETSI EN 319 122-1 §A.1.1.2, §A.1.2.2). What has another shape is left alone. */
export function takeUnsignedValues(attributes: AttributeList, into: Evidence): void {
  quietly(() => {
    for (const value of valuesOf(attributes, CERTIFICATE_VALUES))
      for (const one of childrenOf(value))
        if (isUniversal(one, TAG.sequence)) take(into.certificates, one.raw)
  })
  quietly(() => {
    for (const value of valuesOf(attributes, REVOCATION_VALUES)) takeRevocationValues(value, into)
  })
}

/** RevocationValues ::= SEQUENCE { [0] SEQUENCE OF CertificateList?, [1] SEQUENCE OF BasicOCSPResponse?, [2]? }. */
function takeRevocationValues(value: Ber, into: Evidence): void {
  for (const field of childrenOf(value)) {
    const items = childrenOf(childrenOf(field)[0])
    if (isContext(field, 0)) for (const one of items) take(into.crls, one.raw)
    if (isContext(field, 1)) for (const one of items) take(into.ocsps, wrapBasicOcsp(one.raw))
  }
}

/** RevocationInfoArchival ::= SEQUENCE { [0] SEQUENCE OF CRL?, [1] SEQUENCE OF OCSPResponse?, [2]? }. */
export function takeSignedValues(attributes: AttributeList | undefined, into: Evidence): void {
  quietly(() => {
    for (const value of valuesOf(attributes, ADOBE_REVOCATION)) {
      for (const field of childrenOf(value)) {
        const items = childrenOf(childrenOf(field)[0])
        if (isContext(field, 0)) for (const one of items) take(into.crls, one.raw)
        if (isContext(field, 1)) for (const one of items) take(into.ocsps, one.raw)
      }
    }
  })
}

/** Evidence that cannot be read is no help and no harm. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {}
}
