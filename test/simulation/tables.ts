import type { DeliveryRecord } from '../../src/db/deliveries.ts'
import type { AttemptState } from '../../src/domain/attempt-state.ts'
import type { AgencyCode, DeliveryKey } from '../../src/domain/identifiers.ts'
import type { OutboxItem } from '../../src/domain/outbox-item.ts'

/** What PostgreSQL keeps of a delivery, as far as its way depends on it. */
export interface Row extends DeliveryRecord {
  readonly enqueuedAt: Date | null
  readonly abandonments: number
}

export interface OutboxRow extends OutboxItem {
  readonly id: number
  /** It only has to be put into an inbox here; the queue is not told of it. */
  readonly isLocal: boolean
}

export interface Attempt {
  readonly delivery: DeliveryKey
  readonly epoch: number
  readonly state: AttemptState
}

/** The tables on which a delivery's way depends. Never changed: each statement makes new ones. */
export interface Tables {
  /** In the order of keys. */
  readonly deliveries: readonly Row[]
  readonly outbox: readonly OutboxRow[]
  readonly lastOutboxId: number
  readonly attempts: readonly Attempt[]
  /** The last number given in each inbox. */
  readonly inboxes: Readonly<Record<string, number>>
  /** Numbers that left an inbox with their delivery. */
  readonly departures: readonly { readonly agency: AgencyCode; readonly number: number }[]
  readonly paused: readonly AgencyCode[]
}

export const NO_ROWS: Tables = {
  deliveries: [],
  outbox: [],
  lastOutboxId: 0,
  attempts: [],
  inboxes: {},
  departures: [],
  paused: [],
}

export const rowOf = (tables: Tables, key: DeliveryKey): Row | undefined =>
  tables.deliveries.find((row) => row.key === key)

/** Tables in which one delivery has changed. */
export const patched = (tables: Tables, key: DeliveryKey, patch: Partial<Row>): Tables => ({
  ...tables,
  deliveries: tables.deliveries.map((row) => (row.key === key ? { ...row, ...patch } : row)),
})

export const later = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1_000)
