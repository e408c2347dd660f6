import { joinMaterial, NO_MATERIAL, type ValidationMaterial } from '../validation-material.ts'

/** What a validation rests on: kept with the document, it lets the same be found again, offline. */
export interface Evidence extends ValidationMaterial {
  /** RFC 3161 tokens, DER. */
  readonly tokens: readonly Uint8Array[]
}

export const NO_EVIDENCE: Evidence = { ...NO_MATERIAL, tokens: [] }

const isEmpty = ({ certificates, crls, ocsps, tokens }: Evidence): boolean =>
  certificates.length + crls.length + ocsps.length + tokens.length === 0

/** Joins what several signatures rest on; each item once. */
export function joinEvidence(parts: readonly Evidence[]): Evidence {
  const [only, ...others] = parts.filter((part) => !isEmpty(part))
  if (only === undefined) return NO_EVIDENCE
  // A part by itself was joined when it was made.
  if (others.length === 0 && only.tokens.length < 2) return only
  const tokens = parts.flatMap((part) => part.tokens)
  const distinct = new Map(tokens.map((one) => [Buffer.from(one).toString('latin1'), one]))
  return { ...joinMaterial(...parts), tokens: [...distinct.values()] }
}
