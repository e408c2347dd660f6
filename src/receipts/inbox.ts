import { randomUUID } from 'node:crypto'
import { claimInbox, type InboxItem, listInbox } from '../db/inbox.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { InboxWaiters } from './inbox-waiters.ts'

export interface InboxQuery {
  readonly agency: AgencyCode
  /** Items with a number above this one. */
  readonly after: number
  readonly limit: number
  readonly kind: InboxItem['kind'] | null
  /** Seconds to wait for something to come where nothing is there; 0 answers at once. */
  readonly wait: number
}

/** The open items of an inbox; waits for the first one, where asked to, until it comes or the time is up. */
export async function readInbox(
  pool: Pool,
  waiters: InboxWaiters,
  query: InboxQuery,
  signal: AbortSignal,
): Promise<InboxItem[]> {
  const deadline = performance.now() + query.wait * 1000
  for (;;) {
    // Registered before looking: what comes between the look and the wait still wakes us.
    const arrival = waiters.next(query.agency, deadline - performance.now(), signal)
    const items = await listInbox(pool, query.agency, query.after, query.limit, query.kind)
    if (items.length > 0 || performance.now() >= deadline || signal.aborted || waiters.closed) {
      arrival.cancel()
      return items
    }
    await arrival.settled
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
  const items = await inTransaction(pool, (db) => claimInbox(db, agency, claimToken, leaseSeconds, limit))
  return { claimToken, items }
}
