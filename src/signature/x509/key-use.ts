import type { AnchorPurpose } from '../trust-anchor.ts'
import type { Certificate, KeyUsage } from './certificate.ts'

export const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0'
export const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'

interface Use {
  readonly key: readonly KeyUsage[]
  readonly extended: readonly string[]
  /** Whether a signer without an extended key usage is refused. */
  readonly extendedRequired: boolean
}

/**
 * What a signer's keyUsage must allow, if it is there (RFC 5280 §4.2.1.3), and its extended key usage likewise
 * (§4.2.1.12): a certificate for TLS, OCSP or timestamps makes no seal, whatever name it bears.
 */
const USES: Record<AnchorPurpose, Use> = {
  signature: {
    key: ['digitalSignature', 'nonRepudiation'],
    extended: [
      ANY_EXTENDED_KEY_USAGE,
      '1.3.6.1.5.5.7.3.4', // id-kp-emailProtection
      '1.3.6.1.5.5.7.3.36', // id-kp-documentSigning (RFC 9336)
      '1.3.6.1.4.1.311.10.3.12', // Microsoft document signing
      '1.2.840.113583.1.1.5', // Adobe authentic documents trust
    ],
    extendedRequired: false,
  },
  timestamp: {
    key: ['digitalSignature', 'nonRepudiation'],
    extended: ['1.3.6.1.5.5.7.3.8'], // id-kp-timeStamping (RFC 3161 §2.3)
    extendedRequired: true,
  },
}

/** Whether the certificate may make what the purpose asks for. */
export function mayServe(signer: Certificate, purpose: AnchorPurpose): boolean {
  const use = USES[purpose]
  const keyAllows = signer.keyUsage === undefined || use.key.some((bit) => signer.keyUsage!.has(bit))
  const extendedAllows =
    signer.extendedKeyUsage?.some((oid) => use.extended.includes(oid)) ?? !use.extendedRequired
  return keyAllows && extendedAllows
}

/**
 * Whether an issuing CA may lead to a signer of the purpose: an extended key usage of a CA is by wide practice a limit
 * of what it may issue for (RFC 5280 §4.2.1.12 leaves that open).
 */
export function mayLeadTo(issuer: Certificate, wanted: readonly string[]): boolean {
  const { extendedKeyUsage } = issuer
  if (extendedKeyUsage === undefined || extendedKeyUsage.includes(ANY_EXTENDED_KEY_USAGE)) return true
  return extendedKeyUsage.some((oid) => wanted.includes(oid))
}

export const extendedUsesOf = (purpose: AnchorPurpose): readonly string[] => USES[purpose].extended
