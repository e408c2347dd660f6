import type { Certificate } from './x509/certificate.ts'

/**
 * What comes with a signature or is fetched for it, to judge its certificates by. All of it is untrusted: every CRL and
 * every OCSP response proves itself by its own signature.
 */
export interface ValidationMaterial {
  readonly certificates: readonly Certificate[]
  /** CertificateList, DER (RFC 5280 §5). */
  readonly crls: readonly Uint8Array[]
  /** OCSPResponse, DER (RFC 6960 §4.2). A bare BasicOCSPResponse is wrapped before it comes here. */
  readonly ocsps: readonly Uint8Array[]
}

export const NO_MATERIAL: ValidationMaterial = { certificates: [], crls: [], ocsps: [] }

/** Joins material; each item once. */
export function joinMaterial(...parts: readonly ValidationMaterial[]): ValidationMaterial {
  return {
    certificates: [
      ...new Map(parts.flatMap(({ certificates }) => certificates.map((one) => [one.sha256, one]))).values(),
    ],
    crls: distinct(parts.flatMap(({ crls }) => crls)),
    ocsps: distinct(parts.flatMap(({ ocsps }) => ocsps)),
  }
}

const distinct = (items: readonly Uint8Array[]): Uint8Array[] => [
  ...new Map(items.map((one) => [Buffer.from(one).toString('latin1'), one])).values(),
]
