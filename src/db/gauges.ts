import type { ChannelId } from '../domain/channel-id.ts'
import type { DeliveryState } from '../domain/delivery-state.ts'
import type { TierCode } from '../domain/tier.ts'
import type { Queryable } from './pool.ts'
import { readSealGauges, type SealGauges } from './seal-dues.ts'
import { countUntaken } from './untaken.ts'

/** How much lies where, for the metrics. */
export interface Gauges {
  readonly deliveries: readonly {
    readonly tier: TierCode
    readonly state: DeliveryState
    readonly count: number
  }[]
  /** Seconds since the oldest waiting delivery of each tier was accepted; tiers without one are left out. */
  readonly oldestWaiting: readonly { readonly tier: TierCode; readonly seconds: number }[]
  readonly outboxLength: number
  /** What waits for other exchanges, by channel, and by gateway for those. */
  readonly abroad: readonly {
    readonly channel: ChannelId
    readonly gateway: string | null
    readonly count: number
    /** Since the oldest of them began to wait. */
    readonly seconds: number
  }[]
  readonly seals: SealGauges
  /** Blobs that were found damaged and are not whole again. */
  readonly damagedBlobs: number
  /** Deliveries that wait because they could not be taken several times in a row. */
  readonly notTaken: number
}

/** Counts everything: takes time in proportion to the number of deliveries. */
export async function readGauges(db: Queryable): Promise<Gauges> {
  const deliveries = await db.query<Gauges['deliveries'][number]>(
    'select tier, state, count(*) as count from delivery group by tier, state order by tier, state',
  )
  const oldest = await db.query<Gauges['oldestWaiting'][number]>(
    `select delivery.tier, extract(epoch from clock_timestamp() - min(document.accepted_at))::float8 as seconds
      from delivery join document on document.id = delivery.document_id
      where delivery.state = 'waiting' group by delivery.tier`,
  )
  const outbox = await db.query<{ length: number }>('select count(*) as length from outbox')
  const abroad = await db.query<Gauges['abroad'][number]>(
    `select channel, case when channel = 'gateway' then route ->> 'gateway' end as gateway, count(*) as count,
        extract(epoch from clock_timestamp() - min(state_since))::float8 as seconds
      from delivery where state = 'waiting' and channel in ('national-axis', 'gateway') group by 1, 2`,
  )
  const damaged = await db.query<{ count: number }>('select count(*) as count from damaged_blob')
  return {
    damagedBlobs: damaged.rows[0]?.count ?? 0,
    notTaken: await countUntaken(db),
    abroad: abroad.rows,
    deliveries: deliveries.rows,
    oldestWaiting: oldest.rows,
    outboxLength: outbox.rows[0]?.length ?? 0,
    seals: await readSealGauges(db),
  }
}
