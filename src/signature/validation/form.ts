import type { SubIndication } from '../../domain/indication.ts'
import type { SignatureCheck } from '../../domain/signature-report.ts'
import type { CheckedSignature, CheckId } from '../checks.ts'
import type { ReasonId } from '../reasons.ts'

/** What a failed check of the format means, by its reason; the others by the check that failed. */
const BY_REASON: Partial<Record<ReasonId, SubIndication>> = {
  'xml-too-large': 'GENERIC',
  'xml-too-costly': 'GENERIC',
  'text-not-at-hand': 'GENERIC',
  'too-many-signatures': 'GENERIC',
  'pdf-encrypted': 'GENERIC',
  'subfilter-unsupported': 'GENERIC',
  'transform-refused': 'GENERIC',
  'content-detached': 'SIGNED_DATA_NOT_FOUND',
  'reference-external': 'SIGNED_DATA_NOT_FOUND',
  'algorithm-refused': 'CRYPTO_CONSTRAINTS_FAILURE',
  'certificate-missing': 'NO_SIGNING_CERTIFICATE_FOUND',
  'certificate-unusable': 'NO_SIGNING_CERTIFICATE_FOUND',
  'certificate-mismatch': 'NO_SIGNING_CERTIFICATE_FOUND',
}

const BY_CHECK: Partial<Record<CheckId, SubIndication>> = {
  form: 'FORMAT_FAILURE',
  algorithm: 'CRYPTO_CONSTRAINTS_FAILURE',
  reference: 'SIGNED_DATA_NOT_FOUND',
  digest: 'HASH_FAILURE',
  'signing-certificate': 'NO_SIGNING_CERTIFICATE_FOUND',
  'signature-value': 'SIG_CRYPTO_FAILURE',
}

/** Of several, the gravest is told: what is disproved before what is only not known. */
const GRAVITY: readonly SubIndication[] = [
  'HASH_FAILURE',
  'SIG_CRYPTO_FAILURE',
  'FORMAT_FAILURE',
  'NO_SIGNING_CERTIFICATE_FOUND',
  'SIGNED_DATA_NOT_FOUND',
  'CRYPTO_CONSTRAINTS_FAILURE',
]

/**
 * Format checking, identification of the signing certificate and cryptographic verification (EN 319 102-1 §5.2.2,
 * §5.2.3, §5.2.7), from what the format has found.
 * @returns undefined where the value fits its bytes under the key of a certificate
 */
export function formFailure(checked: CheckedSignature): SubIndication | undefined {
  const { state, checks, signer } = checked
  if (state === 'valid')
    return contradiction(checked) ?? (signer === undefined ? 'NO_SIGNING_CERTIFICATE_FOUND' : undefined)
  const found = checks.filter(({ outcome }) => outcome === 'failed').map(meaning)
  const gravest = GRAVITY.find((sub) => found.includes(sub)) ?? found[0] ?? 'GENERIC'
  // What was checked and does not fit is never merely unknown.
  const isDisproved = gravest === 'HASH_FAILURE' || gravest === 'SIG_CRYPTO_FAILURE'
  return state === 'invalid' && !isDisproved ? 'FORMAT_FAILURE' : gravest
}

/** Facts that a format calls valid must all say so: whatever else it overlooks is not for us to overlook too. */
function contradiction({ valueIntact, references }: CheckedSignature): SubIndication | undefined {
  if (valueIntact !== true) return 'SIG_CRYPTO_FAILURE'
  if (references.some(({ intact }) => intact === false)) return 'HASH_FAILURE'
  return references.some(({ intact }) => intact === null) ? 'SIGNED_DATA_NOT_FOUND' : undefined
}

const meaning = ({ check, code }: SignatureCheck): SubIndication =>
  BY_REASON[code as ReasonId] ?? BY_CHECK[check as CheckId] ?? 'GENERIC'
