import type { AgencyCode } from '../domain/identifiers.ts'
import type { Transaction } from './pool.ts'

/**
 * Orders those who speak of agencies' earlier documents, until the transaction ends. Who takes back, updates or
 * replaces them is alone (`change`), so that each sees every version that another has made; statuses on them
 * (`report`) go side by side. New documents need no lock: nothing speaks of them yet. Locks are taken in one order, so
 * that two who need several cannot lock each other out.
 */
export async function lockExchange(
  db: Transaction,
  authors: readonly AgencyCode[],
  by: 'change' | 'report',
): Promise<void> {
  const lock = by === 'change' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared'
  await db.query({
    name: `lock-exchange-${by}`,
    text: `select ${lock}(key) from (
      select distinct hashtextextended(author, 7003) as key from unnest($1::text[]) as author order by 1) as ordered`,
    values: [authors],
  })
}
