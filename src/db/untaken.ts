import type { Bilingual } from '../domain/bilingual.ts'
import type { DeliveryKey } from '../domain/identifiers.ts'
import { STILL_WAITING } from './delivery-conditions.ts'
import type { Queryable } from './pool.ts'

/** Code of the reason for which a delivery waits that breaks whoever takes it. */
export const NOT_TAKEN = 'not-taken'
/** Times in a row after which it is told: once may be a fault of the moment. */
export const TOLD_AFTER = 3
/** Seconds until the next time, which double each time. */
const LEAST_DELAY = 15
const MOST_DELAY = 300

/** A delivery that could not be taken when it was last tried. */
export const IS_UNTAKEN = `coalesce(delivery.reason ->> 'code' = '${NOT_TAKEN}', false)`

const FAILURES = `case when ${IS_UNTAKEN} then (delivery.reason -> 'detail' ->> 'failures')::integer else 0 end`

/**
 * Lets a delivery wait that is due and could not be taken, and counts how often that was in a row. Whether the queue was
 * told of it stays as it is: it comes to a worker again, and not among those that go into inboxes together. Returns how
 * often; undefined where it is not due any more, or somebody has it.
 */
export async function putOff(
  db: Queryable,
  key: DeliveryKey,
  explanation: Bilingual,
): Promise<number | undefined> {
  const { rows } = await db.query<{ failures: number }>({
    name: 'put-off-untaken',
    text: `with failed as (
        select id, 1 + ${FAILURES} as failures from delivery
        where id = $1 and ${STILL_WAITING} and next_attempt_at <= clock_timestamp()
          and (lease_until is null or lease_until <= clock_timestamp())
        for update)
      update delivery
      set next_attempt_at = clock_timestamp()
          + make_interval(secs => least(${MOST_DELAY}, ${LEAST_DELAY} * 2 ^ least(failures - 1, 10))),
        reason = jsonb_build_object('code', '${NOT_TAKEN}', 'explanation', $2::jsonb,
          'detail', jsonb_build_object('failures', failures))
      from failed where delivery.id = failed.id returning failures`,
    values: [key, JSON.stringify(explanation)],
  })
  return rows[0]?.failures
}

/** How many deliveries wait that could not be taken several times in a row. */
export async function countUntaken(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) as count from delivery where state = 'waiting' and ${FAILURES} >= $1`,
    [TOLD_AFTER],
  )
  return rows[0]?.count ?? 0
}
