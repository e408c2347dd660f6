import type { Bilingual } from '../domain/bilingual.ts'
import type { ChannelId } from '../domain/channel-id.ts'
import type { DeliveryKey } from '../domain/identifiers.ts'
import { DELIVERY_COLUMNS, type DeliveryRecord, type DeliveryRow, toDelivery } from './deliveries.ts'
import type { Queryable, Transaction } from './pool.ts'

/** Deliveries that failed, or that wait after a failure, for one cause. */
export interface FailureCause {
  readonly channel: ChannelId
  /** Code of the reason, such as `workers-died`. */
  readonly cause: string
  /** The reason of the sample in words; null where it has none. */
  readonly explanation: Bilingual | null
  readonly deliveries: number
  readonly documents: number
  readonly recipients: number
  /** Since when the first and the last of them stand as they do. */
  readonly firstAt: Date
  readonly lastAt: Date
  /** The delivery that was accepted last. */
  readonly sample: DeliveryKey
}

export interface CauseFilter {
  readonly tier?: string | undefined
  readonly recipient?: string | undefined
  readonly sender?: string | undefined
  readonly document?: string | undefined
}

/** What stands in `reason` where it has no code of its own. */
const CAUSE = `coalesce(delivery.reason->>'code', 'unknown')`

/** Failures grouped by channel and cause, those of most deliveries first. */
export async function listFailureCauses(
  db: Queryable,
  state: 'failed' | 'waiting',
  filter: CauseFilter,
  limit: number,
): Promise<FailureCause[]> {
  const { rows } = await db.query<FailureCause>(
    `with groups as (
        select delivery.channel, ${CAUSE} as cause, count(*) as deliveries,
          count(distinct delivery.document_id) as documents, count(distinct delivery.recipient_code) as recipients,
          min(delivery.state_since) as first_at, max(delivery.state_since) as last_at,
          max(delivery.id::text)::uuid as sample
        from delivery join document on document.id = delivery.document_id
        where delivery.state = $1 and delivery.reason is not null
          and ($2::text is null or delivery.tier = $2)
          and ($3::text is null or delivery.recipient_code = $3)
          and ($4::text is null or document.sender_code = $4)
          and ($5::uuid is null or delivery.document_id = $5)
        group by 1, 2 order by deliveries desc, 2 limit $6)
      select groups.channel, cause, delivery.reason->'explanation' as explanation, deliveries, documents, recipients,
        first_at as "firstAt", last_at as "lastAt", sample
      from groups join delivery on delivery.id = sample order by deliveries desc, cause`,
    [
      state,
      filter.tier ?? null,
      filter.recipient ?? null,
      filter.sender ?? null,
      filter.document ?? null,
      limit,
    ],
  )
  return rows
}

/** Which failed deliveries begin anew. */
export interface CauseToRetry {
  readonly cause: string
  readonly channel?: ChannelId | undefined
  readonly recipient?: string | undefined
  readonly document?: string | undefined
}

/**
 * Lets up to `limit` deliveries that failed for one cause begin anew: due at once, their attempts counted from the start.
 * They are fed to the queue in batches, the most urgent first, so that many hold up nobody. Returns them as they were.
 */
export async function restartCause(
  db: Transaction,
  { cause, channel, recipient, document }: CauseToRetry,
  limit: number,
): Promise<DeliveryRecord[]> {
  const { rows } = await db.query<DeliveryRow>(
    `select ${DELIVERY_COLUMNS} from delivery
      where state = 'failed' and reason is not null and ${CAUSE} = $1
        and ($2::text is null or channel = $2)
        and ($3::text is null or recipient_code = $3)
        and ($4::uuid is null or document_id = $4)
      order by id limit $5 for update`,
    [cause, channel ?? null, recipient ?? null, document ?? null, limit],
  )
  const failed = rows.map(toDelivery)
  await db.query(
    `update delivery set state = 'waiting', state_since = clock_timestamp(), attempts = 0, abandonments = 0,
        reason = null, stays_under = null, next_attempt_at = statement_timestamp(), enqueued_at = null,
        lease_until = null, lease_epoch = lease_epoch + 1
      where id = any($1)`,
    [failed.map(({ key }) => key)],
  )
  return failed
}
