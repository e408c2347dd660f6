import type { AgencyCode } from '../domain/identifiers.ts'
import type { Transaction } from './pool.ts'

/**
 * Orders those who speak of one agency's earlier documents, until the transaction ends. Who takes back, updates or
 * replaces them is alone (`change`), so that each sees every version that another has made; statuses on them
 * (`report`) go side by side. New documents need no lock: nothing speaks of them yet.
 */
export async function lockExchange(
  db: Transaction,
  author: AgencyCode,
  by: 'change' | 'report',
): Promise<void> {
  const lock = by === 'change' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared'
  await db.query({
    name: `lock-exchange-${by}`,
    text: `select ${lock}(hashtextextended($1, 7003))`,
    values: [author],
  })
}
