import type { Bilingual } from '../../domain/bilingual.ts'
import { STANDARD_POLICY, type ValidationPolicy } from '../policy/policy-checks.ts'
import type { TrustStore, VerifyContext } from '../trust-store.ts'
import { mayAsk, NO_REVOCATION_SOURCE, type RevocationSource } from '../x509/revocation.ts'
import { type Evidence, NO_EVIDENCE } from './evidence.ts'

/** That bytes were there at a time, and who says so. */
export interface Proof {
  readonly time: Date
  readonly source: Bilingual
}

/** Evidence, and since when it is kept by the record of its keeper: a proof for what it holds, and for nothing else. */
export interface KeptEvidence {
  readonly evidence: Evidence
  readonly since: Date
}

/** What a signature is validated with. Nothing else is looked at, so equal inputs give equal answers. */
export interface ValidationContext extends VerifyContext {
  /** The standard one unless given. */
  readonly policy?: ValidationPolicy
  /** Where CRLs and OCSP responses are asked for; nobody is asked unless given. */
  readonly revocation?: RevocationSource
  /** What an earlier validation rested on. */
  readonly kept?: KeptEvidence
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
  readonly kept: KeptEvidence
  readonly proofs: readonly Proof[]
}

export function fullContext(context: ValidationContext): FullContext {
  const { trust, time, policy = STANDARD_POLICY, revocation = NO_REVOCATION_SOURCE } = context
  const { kept = { evidence: NO_EVIDENCE, since: time }, proofs = [] } = context
  const asksRevocation = mayAsk(revocation)
  // What lies in the future proves nothing yet.
  const past = proofs.filter((proof) => proof.time <= time)
  return { trust, time, policy, revocation, asksRevocation, kept, proofs: past }
}
