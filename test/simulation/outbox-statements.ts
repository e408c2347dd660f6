import type { Patience } from '../../src/db/outbox.ts'
import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import type { Rules } from './rules.ts'
import type { OutboxRow, Row, Tables } from './tables.ts'

/* The statements of src/db/outbox.ts as functions of tables. */

/** Up to `limit` items that no other relay holds, the most urgent first. They stay until the relay commits. */
export const takeOutbox = (
  rules: Rules,
  tables: Tables,
  limit: number,
  locked: ReadonlySet<number>,
): OutboxRow[] =>
  tables.outbox
    .filter(({ id, isLocal }) => !isLocal && !locked.has(id))
    .sort((a, b) => rules.byUrgency(a, b) || a.id - b.id)
    .slice(0, limit)

export const deleteOutbox = (tables: Tables, items: readonly OutboxRow[]): Tables => {
  const ids = new Set(items.map(({ id }) => id))
  return { ...tables, outbox: tables.outbox.filter(({ id }) => !ids.has(id)) }
}

interface Requeue {
  readonly condition: (row: Row) => boolean
  readonly order: (a: Row, b: Row) => number
  readonly raise: number
  readonly limit: number
}

const isDueAndFree = (rules: Rules, tables: Tables, now: Date, row: Row): boolean =>
  rules.isDue(row, now) && rules.isFree(row, now) && !rules.isHeldBack(row, tables.paused)

/** Puts rows into the outbox, the most urgent first. */
function requeue(
  rules: Rules,
  tables: Tables,
  now: Date,
  { condition, order, raise, limit }: Requeue,
): { tables: Tables; queued: readonly Row[] } {
  const due = tables.deliveries
    .filter((row) => isDueAndFree(rules, tables, now, row) && condition(row))
    .sort(order)
    .slice(0, limit)
  if (due.length === 0) return { tables, queued: due }
  const keys = new Set(due.map(({ key }) => key))
  const deliveries = tables.deliveries.map((row) =>
    keys.has(row.key) ? { ...row, enqueuedAt: now, leaseEpoch: row.leaseEpoch + raise } : row,
  )
  const told = [...due]
    .sort((a, b) => b.urgency - a.urgency || (a.key < b.key ? -1 : 1))
    .map((row, index) => ({
      id: tables.lastOutboxId + 1 + index,
      delivery: row.key,
      epoch: row.leaseEpoch + raise,
      tier: row.tier,
      urgency: row.urgency,
      isLocal: rules.isLocal(row) && row.leaseUntil === null,
    }))
  const lastOutboxId = tables.lastOutboxId + told.length
  return { tables: { ...tables, deliveries, lastOutboxId, outbox: [...tables.outbox, ...told] }, queued: due }
}

const mostUrgentThenFirst =
  (rules: Rules) =>
  (a: Row, b: Row): number =>
    rules.byUrgency(a, b) || Number(a.nextAttemptAt) - Number(b.nextAttemptAt)

/** What is due and was not told to the queue. */
export const queueDue = (rules: Rules, tables: Tables, now: Date, limit: number) =>
  requeue(rules, tables, now, {
    condition: rules.isUntold,
    order: mostUrgentThenFirst(rules),
    raise: 0,
    limit,
  })

/** The same of one tier, without what only has to be put into inboxes here. */
export const queueDueOfTier = (rules: Rules, tables: Tables, now: Date, tier: string, limit: number) =>
  requeue(rules, tables, now, {
    condition: (row) =>
      row.tier === tier && rules.isUntold(row) && (!rules.isLocal(row) || row.leaseUntil !== null),
    order: mostUrgentThenFirst(rules),
    raise: 0,
    limit,
  })

export const requeueThese = (rules: Rules, tables: Tables, now: Date, keys: readonly DeliveryKey[]) =>
  requeue(rules, tables, now, {
    condition: ({ key }) => keys.includes(key),
    order: () => 0,
    raise: rules.raises.retell,
    limit: keys.length,
  })

/** Of what the recipient of a delivery is to be told, what comes first. */
export function findNextNotice(
  rules: Rules,
  tables: Tables,
  now: Date,
  key: DeliveryKey,
): DeliveryKey | null {
  const told = tables.deliveries.find((row) => row.key === key)
  const [next] = tables.deliveries
    .filter((row) => row.recipient === told?.recipient && row.channel === 'https-push')
    .filter((row) => isDueAndFree(rules, tables, now, row))
    .sort((a, b) => mostUrgentThenFirst(rules)(a, b) || (a.key < b.key ? -1 : 1))
  return next?.key ?? null
}

const forgotten =
  (rules: Rules, tables: Tables, now: Date, patience: Patience) =>
  (row: Row): boolean =>
    rules.seemsForgotten(row, now, patience) && !tables.outbox.some(({ delivery }) => delivery === row.key)

/** Of a tier: how many are due, taken or not, and how many of those that nobody has the queue may have forgotten. */
export function countForgotten(
  rules: Rules,
  tables: Tables,
  now: Date,
  patience: Patience,
  tier: string,
): { due: number; forgotten: number } {
  const rows = tables.deliveries.filter(
    (row) => row.tier === tier && rules.isDue(row, now) && !rules.isHeldBack(row, tables.paused),
  )
  const isForgotten = forgotten(rules, tables, now, patience)
  return {
    due: rows.length,
    forgotten: rows.filter((row) => rules.isFree(row, now) && isForgotten(row)).length,
  }
}

export const requeueForgotten = (
  rules: Rules,
  tables: Tables,
  now: Date,
  patience: Patience,
  { tier, limit }: { readonly tier: string; readonly limit: number },
) => {
  const isForgotten = forgotten(rules, tables, now, patience)
  return requeue(rules, tables, now, {
    condition: (row) => row.tier === tier && isForgotten(row),
    order: (a, b) => Number(a.enqueuedAt) - Number(b.enqueuedAt),
    raise: rules.raises.retell,
    limit,
  })
}
