import type { ApiContext } from '../context.ts'
import { databaseNow } from '../db/now.ts'
import { daysLeft, type EndWarning, endWarning } from '../domain/certificate-end.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'

/** What is lost next week, or is lost already, is for whoever is woken by errors. */
const LEVELS: Record<Exclude<EndWarning, 'none'>, 'warn' | 'error'> = {
  'within-60-days': 'warn',
  'within-30-days': 'warn',
  'within-7-days': 'error',
  ended: 'error',
}

/** One round of warning of certificates that end: each once a day, by the database's clock, and at once where it gets graver. */
export function endWarner({
  pool,
  certificates,
  log,
}: Pick<ApiContext, 'pool' | 'certificates' | 'log'>): () => Promise<void> {
  let told = new Set<string>()
  return async () => {
    const now = await databaseNow(pool)
    const ends = await certificates()
    const due = new Set<string>()
    for (const end of ends) {
      const days = daysLeft(end, now)
      const warning = endWarning(days)
      if (warning === 'none') continue
      const { use, subject, sha256, agency } = end
      const key = `${vietnamDay(now)} ${warning} ${use} ${sha256}`
      due.add(key)
      if (told.has(key)) continue
      const facts = {
        use,
        subject,
        sha256,
        agency,
        notAfter: end.notAfter,
        daysLeft: Math.floor(days),
        warning,
      }
      // Old anchors stay for old signatures.
      const isOwn = use !== 'trust-anchor' && use !== 'intermediate'
      log[isOwn ? LEVELS[warning] : 'warn'](facts, 'a certificate ends')
    }
    told = due
  }
}
