import type { DeliveryState } from '../domain/delivery-state.ts'
import type { LegalValue } from '../domain/signature-report.ts'
import type { Queryable } from './pool.ts'

/** What figures are counted by. */
export type Dimension = 'day' | 'agency' | 'tier'

/** How each dimension is read from documents sent and from deliveries. Days are Vietnam's. */
const KEYS: Readonly<Record<Dimension, { readonly sent: string; readonly delivered: string }>> = {
  day: {
    sent: `to_char(document.accepted_at at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')`,
    delivered: `to_char(document.accepted_at at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')`,
  },
  agency: { sent: 'document.sender_code', delivered: 'delivery.recipient_code' },
  tier: { sent: `coalesce(sender.tier, '-')`, delivered: 'delivery.tier' },
}

export interface Period {
  /** Documents accepted from this instant on, and before that one. */
  readonly since: Date
  readonly until: Date
  readonly agency?: string
  readonly tier?: string
}

export interface SentFigure {
  readonly key: string
  readonly legalValue: LegalValue
  readonly count: number
}

export interface DeliveredFigure {
  readonly key: string
  readonly state: DeliveryState
  readonly count: number
}

/** Who sent it is of the tier that the sender had on the day of acceptance. */
const SENT = `document left join placement as sender on sender.agency_code = document.sender_code
    and sender.days @> (document.accepted_at at time zone 'Asia/Ho_Chi_Minh')::date
  where document.kind = 'document' and document.accepted_at >= $1 and document.accepted_at < $2
    and ($3::text is null or document.sender_code = $3) and ($4::text is null or sender.tier = $4)`

const DELIVERED = `delivery join document on document.id = delivery.document_id
  where document.kind = 'document' and document.accepted_at >= $1 and document.accepted_at < $2
    and ($3::text is null or delivery.recipient_code = $3) and ($4::text is null or delivery.tier = $4)`

const periodValues = (period: Period) => [
  period.since,
  period.until,
  period.agency ?? null,
  period.tier ?? null,
]

/** The keys for which there is anything to count, in their order, those after `after`. */
export async function listFigureKeys(
  db: Queryable,
  by: Dimension,
  period: Period,
  after: string,
  limit: number,
): Promise<string[]> {
  const { sent, delivered } = KEYS[by]
  const { rows } = await db.query<{ key: string }>(
    `select key from (select ${sent} as key from ${SENT} union select ${delivered} from ${DELIVERED}) as counted
      where key > $5 order by key limit $6`,
    [...periodValues(period), after, limit],
  )
  return rows.map((row) => row.key)
}

/** Documents sent, by key and legal value; of all keys where none are named. */
export async function countSent(
  db: Queryable,
  by: Dimension,
  period: Period,
  keys: readonly string[] | null,
): Promise<SentFigure[]> {
  const key = KEYS[by].sent
  const { rows } = await db.query<SentFigure>(
    `select ${key} as key, document.legal_value as "legalValue", count(*) as count from ${SENT}
        and ($5::text[] is null or ${key} = any ($5))
      group by 1, 2`,
    [...periodValues(period), keys],
  )
  return rows
}

/** Deliveries, by key and state; of all keys where none are named. */
export async function countDelivered(
  db: Queryable,
  by: Dimension,
  period: Period,
  keys: readonly string[] | null,
): Promise<DeliveredFigure[]> {
  const key = KEYS[by].delivered
  const { rows } = await db.query<DeliveredFigure>(
    `select ${key} as key, delivery.state, count(*) as count from ${DELIVERED}
        and ($5::text[] is null or ${key} = any ($5))
      group by 1, 2`,
    [...periodValues(period), keys],
  )
  return rows
}
