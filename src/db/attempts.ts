import type { AttemptState } from '../domain/attempt-state.ts'
import type { ChannelId } from '../domain/channel-id.ts'
import type { DeliveryKey } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface AttemptRecord {
  readonly delivery: DeliveryKey
  readonly epoch: number
  readonly channel: ChannelId
  readonly worker: string
  readonly state: AttemptState
  readonly startedAt: Date
  readonly finishedAt: Date | null
  readonly detail: unknown
}

export type NewAttempt = Pick<AttemptRecord, 'delivery' | 'epoch' | 'channel' | 'worker'>

/** Opens attempts under fresh leases, and closes as abandoned whatever earlier holders left open. */
export async function openAttempts(db: Transaction, attempts: readonly NewAttempt[]): Promise<void> {
  const again = attempts.filter(({ epoch }) => epoch > 1)
  if (again.length > 0)
    await abandonAttempts(
      db,
      again.map(({ delivery }) => delivery),
    )
  await db.query({
    name: 'open-attempts',
    text: `insert into attempt (delivery_id, epoch, channel, worker)
      select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[])`,
    values: [
      attempts.map(({ delivery }) => delivery),
      attempts.map(({ epoch }) => epoch),
      attempts.map(({ channel }) => channel),
      attempts.map(({ worker }) => worker),
    ],
  })
}

export async function abandonAttempts(db: Transaction, deliveries: readonly DeliveryKey[]): Promise<void> {
  await db.query({
    name: 'abandon-attempts',
    text: `update attempt set state = 'abandoned', finished_at = clock_timestamp()
      where delivery_id = any($1) and state = 'started'`,
    values: [deliveries],
  })
}

/**
 * Closes open attempts that ended alike. One that another worker has already closed as abandoned stays so; one that was
 * superseded while it was open gets what it learnt.
 */
export async function closeAttempts(
  db: Transaction,
  leases: readonly { readonly key: DeliveryKey; readonly epoch: number }[],
  state: AttemptState,
  detail: unknown,
): Promise<void> {
  if (leases.length === 0) return
  await db.query({
    name: 'close-attempts',
    text: `update attempt set state = $3, finished_at = clock_timestamp(), detail = $4
      from unnest($1::uuid[], $2::bigint[]) as given (id, given_epoch)
      where delivery_id = id and epoch = given_epoch
        and (state = 'started' or state = 'superseded' and $3 = 'superseded')`,
    values: [
      leases.map(({ key }) => key),
      leases.map(({ epoch }) => epoch),
      state,
      detail === null ? null : JSON.stringify(detail),
    ],
  })
}

/** For a statement with a CTE `moved` of deliveries that left their workers behind: closes what those had open. */
export const SUPERSEDE_ATTEMPTS = `update attempt set state = 'superseded', finished_at = clock_timestamp()
  from moved where attempt.delivery_id = moved.id and attempt.state = 'started'`

export async function listAttempts(db: Queryable, delivery: DeliveryKey): Promise<AttemptRecord[]> {
  const { rows } = await db.query<AttemptRecord>(
    `select delivery_id as delivery, epoch, channel, worker, state, started_at as "startedAt",
        finished_at as "finishedAt", detail
      from attempt where delivery_id = $1 order by epoch`,
    [delivery],
  )
  return rows
}
