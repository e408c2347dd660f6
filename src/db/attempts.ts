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

/** Opens an attempt under a fresh lease, and closes as abandoned whatever an earlier holder left open. */
export async function openAttempt(
  db: Transaction,
  attempt: Pick<AttemptRecord, 'delivery' | 'epoch' | 'channel' | 'worker'>,
): Promise<void> {
  if (attempt.epoch > 1) await abandonAttempts(db, attempt.delivery)
  await db.query({
    name: 'open-attempt',
    text: 'insert into attempt (delivery_id, epoch, channel, worker) values ($1, $2, $3, $4)',
    values: [attempt.delivery, attempt.epoch, attempt.channel, attempt.worker],
  })
}

export async function abandonAttempts(db: Transaction, delivery: DeliveryKey): Promise<void> {
  await db.query({
    name: 'abandon-attempts',
    text: `update attempt set state = 'abandoned', finished_at = clock_timestamp()
      where delivery_id = $1 and state = 'started'`,
    values: [delivery],
  })
}

/**
 * Closes an open attempt. One that another worker has already closed as abandoned stays so; one that was superseded while
 * it was open gets what it learnt.
 */
export async function closeAttempt(
  db: Transaction,
  delivery: DeliveryKey,
  epoch: number,
  state: AttemptState,
  detail: unknown,
): Promise<void> {
  await db.query({
    name: 'close-attempt',
    text: `update attempt set state = $3, finished_at = clock_timestamp(), detail = $4
      where delivery_id = $1 and epoch = $2 and (state = 'started' or state = 'superseded' and $3 = 'superseded')`,
    values: [delivery, epoch, state, detail === null ? null : JSON.stringify(detail)],
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
