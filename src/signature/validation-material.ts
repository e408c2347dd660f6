import { createHash } from 'node:crypto'
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

const isEmpty = ({ certificates, crls, ocsps }: ValidationMaterial): boolean =>
  certificates.length + crls.length + ocsps.length === 0

/** The same for material that is joined already: what is added to nothing, or nothing, costs nothing. */
export const addMaterial = (known: ValidationMaterial, more: ValidationMaterial): ValidationMaterial =>
  isEmpty(more) ? known : isEmpty(known) ? more : joinMaterial(known, more)

const distinct = (items: readonly Uint8Array[]): Uint8Array[] =>
  items.length < 2 ? [...items] : [...new Map(items.map((one) => [digestOf(one), one])).values()]

/** A CRL of many megabytes is joined with others again and again: its digest is taken once. */
const digests = new WeakMap<Uint8Array, string>()

function digestOf(item: Uint8Array): string {
  const known = digests.get(item)
  if (known !== undefined) return known
  const digest = createHash('sha256').update(item).digest('base64')
  digests.set(item, digest)
  return digest
}
