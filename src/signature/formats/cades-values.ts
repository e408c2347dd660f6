import { type Ber, childrenOf, isContext, isUniversal, oidOf, TAG } from './ber.ts'
import { type AttributeList, valuesOf } from './cms-attributes.ts'
import { type Evidence, take, takeRevocations, wrapBasicOcsp } from './cms-evidence.ts'

const CERTIFICATE_VALUES = '1.2.840.113549.1.9.16.2.23'
const REVOCATION_VALUES = '1.2.840.113549.1.9.16.2.24'
/** Adobe's RevocationInfoArchival (ISO 32000-2 §12.8.3.3.2), a signed attribute. */
const ADOBE_REVOCATION = '1.2.840.113583.1.1.8'

/** LongTermValidation of ETSI TS 101 733 §6.5, which EN 319 122-1 has no more. */
export const LONG_TERM_VALIDATION = '0.4.0.1733.2.2'

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
  quietly(() => {
    for (const value of valuesOf(attributes, LONG_TERM_VALIDATION)) takeLongTermValues(value, into)
  })
}

/**
 * LongTermValidation ::= SEQUENCE { poeDate, poeValue [0] EXPLICIT TimeStampToken or [1] EXPLICIT EvidenceRecord?,
 * extraCertificates [0] CertificateSet?, extraRevocation [1] RevocationInfoChoices? }.
 */
function takeLongTermValues(value: Ber, into: Evidence): void {
  for (const field of childrenOf(value)) {
    const items = childrenOf(field)
    if (isContext(field, 0) && !isToken(items[0]))
      for (const one of items) if (isUniversal(one, TAG.sequence)) take(into.certificates, one.raw)
    if (isContext(field, 1)) takeRevocations(items, into)
  }
}

/** The token in a LongTermValidation; undefined where it has another proof, or none. */
export function longTermToken(value: Ber): Ber | undefined {
  const fields = childrenOf(value).filter((one) => isContext(one, 0))
  return fields.map((one) => childrenOf(one)[0]).find(isToken)
}

const isToken = (node: Ber | undefined): boolean =>
  isUniversal(node, TAG.sequence) && oidOf(childrenOf(node)[0]) !== undefined

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
