import type { Pool } from '../db/pool.ts'
import {
  countDelivered,
  countSent,
  type DeliveredFigure,
  type Dimension,
  listFigureKeys,
  type Period,
  type SentFigure,
} from '../db/statistics.ts'
import { DELIVERY_STATE_IDS, type DeliveryState } from '../domain/delivery-state.ts'
import { LEGAL_VALUES, type LegalValue } from '../domain/signature-report.ts'

/** Documents sent and deliveries received (QĐ 28/2018/QĐ-TTg art. 11); status packets are not counted. */
export interface Figures {
  readonly sent: number
  readonly sentByLegalValue: Readonly<Record<LegalValue, number>>
  /** Of the documents sent, those with a valid and trusted signature of the agency; null where none was sent. */
  readonly signedShare: number | null
  readonly deliveries: number
  readonly deliveriesByState: Readonly<Record<DeliveryState, number>>
}

export interface KeyedFigures extends Figures {
  readonly key: string
}

/** The figures of a whole period. */
export async function totalFigures(pool: Pool, period: Period): Promise<Figures> {
  const [sent, delivered] = await Promise.all([
    countSent(pool, 'tier', period, null),
    countDelivered(pool, 'tier', period, null),
  ])
  return figuresOf(sent, delivered)
}

/** The figures of a period for each day, agency or tier, in the order of keys, those after `after`. */
export async function figuresBy(
  pool: Pool,
  by: Dimension,
  period: Period,
  after: string,
  limit: number,
): Promise<KeyedFigures[]> {
  const keys = await listFigureKeys(pool, by, period, after, limit)
  const [sent, delivered] = await Promise.all([
    countSent(pool, by, period, keys),
    countDelivered(pool, by, period, keys),
  ])
  return keys.map((key) => ({
    key,
    ...figuresOf(
      sent.filter((figure) => figure.key === key),
      delivered.filter((figure) => figure.key === key),
    ),
  }))
}

function figuresOf(sent: readonly SentFigure[], delivered: readonly DeliveredFigure[]): Figures {
  const legalValues = Object.keys(LEGAL_VALUES) as LegalValue[]
  const sentByLegalValue = tally(legalValues, (value) =>
    sumOf(sent.filter((one) => one.legalValue === value)),
  )
  const total = sumOf(sent)
  const signed = total - sentByLegalValue['reference-only']
  return {
    sent: total,
    sentByLegalValue,
    signedShare: total === 0 ? null : signed / total,
    deliveries: sumOf(delivered),
    deliveriesByState: tally(DELIVERY_STATE_IDS, (state) =>
      sumOf(delivered.filter((one) => one.state === state)),
    ),
  }
}

const sumOf = (figures: readonly { readonly count: number }[]): number =>
  figures.reduce((sum, { count }) => sum + count, 0)

const tally = <K extends string>(keys: readonly K[], count: (key: K) => number): Record<K, number> =>
  Object.fromEntries(keys.map((key) => [key, count(key)])) as Record<K, number>
