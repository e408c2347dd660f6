import type { ChannelId } from '../domain/channel-id.ts'
import type { Queryable } from './pool.ts'

/** Attempts that failed for one cause. */
export interface FailureGroup {
  readonly channel: ChannelId
  /** Code of the channel's failure, such as `http-status`. */
  readonly cause: string
  readonly attempts: number
  readonly recipients: number
  readonly lastAt: Date
}

/** Failed attempts of the last `seconds`, grouped by cause, the most frequent first. */
export async function recentFailures(db: Queryable, seconds: number, limit: number): Promise<FailureGroup[]> {
  const { rows } = await db.query<FailureGroup>(
    `select attempt.channel, coalesce(attempt.detail->>'code', attempt.state) as cause, count(*) as attempts,
        count(distinct delivery.recipient_code) as recipients, max(attempt.started_at) as "lastAt"
      from attempt join delivery on delivery.id = attempt.delivery_id
      where attempt.state in ('retryable-failure', 'permanent-failure', 'abandoned')
        and attempt.started_at > clock_timestamp() - make_interval(secs => $1)
      group by 1, 2 order by attempts desc, cause limit $2`,
    [seconds, limit],
  )
  return rows
}
