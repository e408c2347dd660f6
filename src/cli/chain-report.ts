import type { Certificate } from '../signature/x509/certificate.ts'
import type { PathValidation } from '../signature/x509/path-types.ts'

export interface ChainVerdict {
  readonly verdict: 'valid' | 'invalid' | 'unsupported'
  readonly reason: string | null
  readonly reasons: readonly { reason: string; found?: string }[]
  readonly weaknesses: readonly string[]
  readonly path: readonly { subject: string; sha256: string }[]
  readonly revocation: readonly {
    subject: string
    status: string
    source: string | null
    why: string | null
    revokedAt: string | null
  }[]
  readonly policies: readonly string[]
}

/** Nothing can be said, for one side of the path is no certificate. */
export const unreadable = (what: string): ChainVerdict => ({
  verdict: 'invalid',
  reason: 'certificate-unusable',
  reasons: [{ reason: 'certificate-unusable', found: what }],
  weaknesses: [],
  path: [],
  revocation: [],
  policies: [],
})

export function told(found: PathValidation): ChainVerdict {
  const reasons = found.faults.map(({ reason, found: what }) => ({
    reason,
    ...(what !== undefined && { found: what }),
  }))
  return {
    verdict: found.status,
    reason: reasons[0]?.reason ?? null,
    reasons,
    weaknesses: found.weaknesses.map(({ certificate, reason }) =>
      certificate ? subjectOf(certificate) : reason,
    ),
    path: found.path.map((one) => ({ subject: subjectOf(one), sha256: one.sha256 })),
    revocation: found.revocation.map(({ certificate, status, source, why, revokedAt }) => ({
      subject: subjectOf(certificate),
      status,
      source: source ?? null,
      why: why ?? null,
      revokedAt: revokedAt?.toISOString() ?? null,
    })),
    policies: found.policies,
  }
}

const subjectOf = ({ subject, serial }: Certificate): string =>
  subject.map(({ value }) => value).join(', ') || serial
