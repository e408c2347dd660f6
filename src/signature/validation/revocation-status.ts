import type { Certificate } from '../x509/certificate.ts'
import type { PathValidation } from '../x509/path-types.ts'
import type { RevocationAnswer } from '../x509/revocation.ts'
import { pairsOf } from './x509.ts'

export const isGood = ({ status }: RevocationAnswer): boolean => status === 'good' || status === 'not-needed'

/** The same certificates judged now, and as of the proven time. */
export interface BothTimes {
  readonly today: PathValidation
  readonly then: PathValidation | undefined
  readonly time: Date
  /** Since when the material is proven to have been there. */
  readonly materialProven: Date | undefined
}

/**
 * What is known of the revocation of each certificate of a path below its anchor: now; where that is out of date, what
 * was known of the proven time (EN 319 102-1 §5.6.2.2). Empty where it was not looked at.
 */
export function revocationAnswers(path: readonly Certificate[], times: BothTimes): RevocationAnswer[] {
  const { today, then } = times
  if (today.revocation.length === 0 && (then?.revocation.length ?? 0) === 0) return []
  return pairsOf(path).map(({ certificate, issuer }) => {
    const now = answerFor(certificate, today)
    if (now !== undefined && now.status !== 'unknown') return now
    const past = then && answerFor(certificate, then)
    if (past === undefined || past.status === 'unknown')
      return past ?? now ?? { certificate, status: 'unknown' }
    return isProven(issuer, times) ? past : { ...past, status: 'unknown', why: 'no-proof' }
  })
}

const answerFor = ({ sha256 }: Certificate, { revocation }: PathValidation): RevocationAnswer | undefined =>
  revocation.find(({ certificate }) => certificate.sha256 === sha256)

/** Whoever comes to hold an issuer's key after its end may write what he likes: it must have been there before. */
const isProven = ({ notAfter }: Certificate, { time, materialProven }: BothTimes): boolean =>
  time <= notAfter || (materialProven !== undefined && materialProven <= notAfter)
