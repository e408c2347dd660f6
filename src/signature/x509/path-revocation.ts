import type { TrustAnchor } from '../trust-anchor.ts'
import type { Certificate } from './certificate.ts'
import type { PathFault, PathSettings, PathValidation } from './path-types.ts'
import type { RevocationAnswer } from './revocation.ts'
import { answerOf, revocationContext } from './revocation-of.ts'
import { workingKeys } from './subject-key.ts'

export interface RevocationVerdict {
  /** One for each certificate below the anchor, from the leaf upwards. */
  readonly answers: readonly RevocationAnswer[]
  readonly faults: readonly PathFault[]
}

/** Paths to CRL issuers are validated while another path is: the state of that. */
export interface Walk {
  /** CRL issuers whose paths are being validated: a list that speaks of its own issuer leads in a circle. */
  readonly pending: ReadonlySet<string>
  /** Paths that may still be validated. */
  readonly budget: { left: number }
  readonly known: Map<string, boolean>
  readonly validate: (leaf: Certificate, settings: PathSettings, walk: Walk) => PathValidation
}

const MAX_DEPTH = 4

/** Judges revocation of every certificate below the anchor by the material of the settings (RFC 5280 §6.3). */
export function pathRevocation(
  path: readonly Certificate[],
  anchor: TrustAnchor,
  settings: PathSettings,
  walk: Walk,
): RevocationVerdict {
  const help = [
    ...settings.material.certificates,
    ...path,
    ...settings.anchors.map(({ certificate }) => certificate),
  ]
  const context = revocationContext(settings.material, settings, distinct(help), (one) =>
    isTrustedCrlIssuer(one, anchor, settings, walk),
  )
  const keys = workingKeys(path)
  const answers = path
    .slice(0, -1)
    .map((certificate, index) =>
      answerOf(certificate, { certificate: path[index + 1]!, key: keys[index + 1]! }, context),
    )
  return { answers, faults: answers.flatMap((answer) => faultOf(answer, settings)) }
}

const distinct = (certificates: readonly Certificate[]): Certificate[] => [
  ...new Map(certificates.map((one) => [one.sha256, one])).values(),
]

function faultOf(answer: RevocationAnswer, { revocation, time }: PathSettings): PathFault[] {
  const { certificate, status, revokedAt, reason, why } = answer
  if (status === 'revoked' && !(revokedAt !== undefined && revokedAt > time)) {
    const since = [revokedAt?.toISOString(), reason].filter((word) => word !== undefined).join(', ')
    return [{ check: 'revocation', reason: 'revoked', certificate, found: since }]
  }
  if (status !== 'unknown' || revocation !== 'required') return []
  return [{ check: 'revocation', reason: 'revocation-unknown', certificate, ...(why && { found: why }) }]
}

/** Whether a CRL issuer leads to the anchor of the path, and is as little revoked as the certificates of the path. */
function isTrustedCrlIssuer(
  one: Certificate,
  anchor: TrustAnchor,
  settings: PathSettings,
  walk: Walk,
): boolean {
  if (walk.pending.has(one.sha256)) return true
  const known = walk.known.get(one.sha256)
  if (known !== undefined) return known
  if (walk.pending.size >= MAX_DEPTH || --walk.budget.left < 0) return false
  // A root and its successor are one issuer under two keys (RFC 5280 §6.3.3 (f) asks for the same anchor).
  const { key: name } = anchor.certificate.subjectName
  const anchors = settings.anchors.filter(({ certificate }) => certificate.subjectName.key === name)
  const { policies: _policies, extendedKeyUsage: _uses, maxIntermediates: _most, ...rest } = settings
  const { status } = walk.validate(
    one,
    { ...rest, anchors, purpose: 'any', anchorAsLeaf: true },
    { ...walk, pending: new Set([...walk.pending, one.sha256]) },
  )
  const trusted = status === 'valid'
  if (walk.pending.size === 0) walk.known.set(one.sha256, trusted)
  return trusted
}
