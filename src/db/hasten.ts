import type { AgencyCode } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

/**
 * Makes due what waits for another attempt at telling a recipient, all at one instant: so the most urgent goes first, and
 * of equals what was accepted first. What somebody is at stays with him. Returns how many.
 */
export async function hastenNotices(db: Queryable, recipient: AgencyCode): Promise<number> {
  const { rowCount } = await db.query({
    name: 'hasten-notices',
    text: `with waiting as (
        select id from delivery
        where recipient_code = $1 and channel = 'https-push' and state = 'waiting' and attempts > 0
          and lease_until is null and next_attempt_at > clock_timestamp()
        order by id for update skip locked)
      update delivery set next_attempt_at = statement_timestamp(), enqueued_at = null
      from waiting where delivery.id = waiting.id`,
    values: [recipient],
  })
  return rowCount ?? 0
}
