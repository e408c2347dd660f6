import { addMaterial, joinMaterial, type ValidationMaterial } from '../validation-material.ts'
import type { Evidence } from './evidence.ts'
import type { CertificateJudgement } from './judge-certificate.ts'
import type { ValidatedTimestamp } from './validate-timestamp.ts'

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
  const chains = { certificates: parts.flatMap(({ path }) => path), crls: used('crl'), ocsps: used('ocsp') }
  // One path has no certificate twice.
  const isPlain = timestamps.length + chains.crls.length + chains.ocsps.length === 0
  const own = isPlain ? chains : joinMaterial(chains)
  const material = addMaterial(own, fetched)
  return {
    ...material,
    tokens: timestamps.filter(({ isProof }) => isProof).map(({ checked }) => checked.der),
  }
}
