import { randomUUID } from 'node:crypto'
import { claimInbox, type InboxItem, type InboxList, listInbox } from '../db/inbox.ts'
import type { Pool } from '../db/pool.ts'
import { BRIEF, inTransaction } from '../db/transaction.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { InboxWaiters } from './inbox-waiters.ts'

export interface InboxQuery extends InboxList {
  /** Seconds to wait for something to come where nothing is there; 0 answers at once. */
  readonly wait: number
}

/**
 * The open items of an inbox; waits for the first one, where asked to, until it comes or the time is up.
 * @param gone asked for where there is something to wait for: aborted when nobody is there any more
 */
export async function readInbox(
  pool: Pool,
  waiters: InboxWaiters,
  query: InboxQuery,
  gone: () => AbortSignal,
): Promise<InboxItem[]> {
  const deadline = performance.now() + query.wait * 1000
  let signal: AbortSignal | undefined
  for (;;) {
    // Before looking: what comes between the look and the wait is noticed.
    const arrival = waiters.expect(query.agency)
    try {
      const items = await listInbox(pool, query)
      const left = deadline - performance.now()
      if (items.length > 0 || left <= 0 || waiters.closed) return items
      signal ??= gone()
      if (signal.aborted) return items
      await arrival.within(left, signal)
    } finally {
      arrival.cancel()
    }
  }
}

export interface Claim {
  /** To be shown when fetching and acknowledging; shared by the items of one claim. */
  readonly claimToken: string
  readonly items: readonly InboxItem[]
}

/** Lends open items to one of the recipient's processes for `leaseSeconds`, so that several can share an inbox. */
export async function claimItems(
  pool: Pool,
  agency: AgencyCode,
  leaseSeconds: number,
  limit: number,
): Promise<Claim> {
  const claimToken = randomUUID()
  const items = await inTransaction(
    pool,
    (db) => claimInbox(db, agency, claimToken, leaseSeconds, limit),
    BRIEF,
  )
  return { claimToken, items }
}
