import { joinMaterial, NO_MATERIAL, type ValidationMaterial } from '../validation-material.ts'
import type { CertificateJudgement } from './judge-certificate.ts'
import type { ValidatedTimestamp } from './timestamps.ts'

/** What a validation rests on: kept with the document, it lets the same be found again, offline. */
export interface Evidence extends ValidationMaterial {
  /** RFC 3161 tokens, DER. */
  readonly tokens: readonly Uint8Array[]
}

export const NO_EVIDENCE: Evidence = { ...NO_MATERIAL, tokens: [] }

/** The chains, the revocation information that was used, what was fetched, and the tokens that prove a time. */
export function evidenceOf(
  signer: CertificateJudgement,
  timestamps: readonly ValidatedTimestamp[],
  fetched: ValidationMaterial,
): Evidence {
  const parts = [signer, ...timestamps]
  const answers = parts.flatMap(({ revocation }) => revocation)
  const used = (source: 'crl' | 'ocsp') =>
    answers.flatMap((one) => (one.source === source && one.evidence !== undefined ? [one.evidence] : []))
  const chains = { ...NO_MATERIAL, certificates: parts.flatMap(({ path }) => path) }
  const material = joinMaterial(chains, { ...NO_MATERIAL, crls: used('crl'), ocsps: used('ocsp') }, fetched)
  return {
    ...material,
    tokens: timestamps.filter(({ isProof }) => isProof).map(({ checked }) => checked.der),
  }
}

/** Joins what several signatures rest on; each item once. */
export function joinEvidence(parts: readonly Evidence[]): Evidence {
  const tokens = parts.flatMap((part) => part.tokens)
  const distinct = new Map(tokens.map((one) => [Buffer.from(one).toString('latin1'), one]))
  return { ...joinMaterial(...parts), tokens: [...distinct.values()] }
}
