import type { X509Certificate } from 'node:crypto'
import type { Finding } from './finding.ts'

const DAY_MS = 86_400_000
/** Days before the end of a certificate from which it is warned of: renewing one takes an agency weeks. */
const WARN_DAYS = 30

const day = (text: string): string => new Date(text).toISOString().slice(0, 10)
const nameOf = ({ subject }: X509Certificate): string => subject.replaceAll('\n', ', ')

/** Certificates are as good as the one that ends first, or has not begun yet. */
export function judgeCertificates(
  certificates: readonly X509Certificate[],
  now = Date.now(),
): Omit<Finding, 'what'> {
  const [first] = [...certificates].sort((a, b) => Date.parse(a.validTo) - Date.parse(b.validTo))
  if (first === undefined) return { outcome: 'failed', detail: 'no certificate' }
  const days = Math.floor((Date.parse(first.validTo) - now) / DAY_MS)
  const detail = `${certificates.length} read; the first to end on ${day(first.validTo)} (${days} days): ${nameOf(first)}`
  const early = certificates.find(({ validFrom }) => Date.parse(validFrom) > now)
  if (early !== undefined)
    return {
      outcome: 'failed',
      detail: `${detail}; not before ${day(early.validFrom)}: ${nameOf(early)}`,
    }
  if (days < 0) return { outcome: 'failed', detail }
  return { outcome: days < WARN_DAYS ? 'warning' : 'ok', detail }
}
