import { joinMaterial, NO_MATERIAL, type ValidationMaterial } from '../validation-material.ts'

/** What a validation rests on: kept with the document, it lets the same be found again, offline. */
export interface Evidence extends ValidationMaterial {
  /** RFC 3161 tokens, DER. */
  readonly tokens: readonly Uint8Array[]
}

export const NO_EVIDENCE: Evidence = { ...NO_MATERIAL, tokens: [] }

/** Joins what several signatures rest on; each item once. */
export function joinEvidence(parts: readonly Evidence[]): Evidence {
  const tokens = parts.flatMap((part) => part.tokens)
  const distinct = new Map(tokens.map((one) => [Buffer.from(one).toString('latin1'), one]))
  return { ...joinMaterial(...parts), tokens: [...distinct.values()] }
}
