import type { Bilingual } from '../../domain/bilingual.ts'
import { STANDARD_POLICY, type ValidationPolicy } from '../policy/policy-checks.ts'
import type { TrustStore, VerifyContext } from '../trust-store.ts'
import { NO_MATERIAL, type ValidationMaterial } from '../validation-material.ts'
import { NO_REVOCATION_SOURCE, type RevocationSource } from '../x509/revocation.ts'

/** That bytes were there at a time, and who says so. */
export interface Proof {
  readonly time: Date
  readonly source: Bilingual
}

/** What a signature is validated with. Nothing else is looked at, so equal inputs give equal answers. */
export interface ValidationContext extends VerifyContext {
  /** The standard one unless given. */
  readonly policy?: ValidationPolicy
  /** Where CRLs and OCSP responses are asked for; nobody is asked unless given. */
  readonly revocation?: RevocationSource
  /** Kept from an earlier validation. */
  readonly material?: ValidationMaterial
  /** Since when `material` is kept, by the record of its keeper: a proof for it, and for nothing else. */
  readonly keptSince?: Date
  /** Proofs from outside the file, over all of its bytes. */
  readonly proofs?: readonly Proof[]
}

/** The same with every default in its place. */
export interface FullContext {
  readonly trust: TrustStore
  readonly time: Date
  readonly policy: ValidationPolicy
  readonly revocation: RevocationSource
  /** Whether there is anybody to ask: not to know is then another thing. */
  readonly asksRevocation: boolean
  readonly material: ValidationMaterial
  readonly keptSince: Date | undefined
  readonly proofs: readonly Proof[]
}

export function fullContext(context: ValidationContext): FullContext {
  const { trust, time, policy = STANDARD_POLICY, revocation = NO_REVOCATION_SOURCE } = context
  const { material = NO_MATERIAL, keptSince, proofs = [] } = context
  const asksRevocation = revocation !== NO_REVOCATION_SOURCE
  // What lies in the future proves nothing yet.
  const past = proofs.filter((proof) => proof.time <= time)
  return { trust, time, policy, revocation, asksRevocation, material, keptSince, proofs: past }
}
