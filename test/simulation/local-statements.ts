import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import { numberInInbox } from './lease-statements.ts'
import type { Rules } from './rules.ts'
import { type OutboxRow, patched, type Row, rowOf, type Tables } from './tables.ts'

/* The statements of src/db/local-deliveries.ts and src/db/hasten.ts as functions of tables. */

interface Delivered {
  readonly tables: Tables
  readonly keys: readonly DeliveryKey[]
}

/** Puts into their inboxes those of some deliveries, in this order, that nobody holds. */
function deliver(rules: Rules, before: Tables, now: Date, wanted: readonly DeliveryKey[]): Delivered {
  let tables = before
  const keys: DeliveryKey[] = []
  for (const key of wanted) {
    const row = rowOf(before, key)
    if (row === undefined || !mayBePut(rules, before, now, row)) continue
    tables = putIntoInbox(rules, tables, now, row)
    keys.push(key)
  }
  return { tables, keys }
}

const mayBePut = (rules: Rules, tables: Tables, now: Date, row: Row): boolean =>
  rules.isDue(row, now) &&
  rules.isLocal(row) &&
  rules.isUnleased(row) &&
  !rules.isHeldBack(row, tables.paused)

function putIntoInbox(rules: Rules, tables: Tables, now: Date, row: Row): Tables {
  const { key } = row
  const epoch = row.leaseEpoch + rules.raises.take
  const put = patched(numberInInbox(rules, tables, row), key, {
    state: 'available',
    stateSince: now,
    leaseEpoch: epoch,
    attempts: row.attempts + 1,
    abandonments: 0,
    nextAttemptAt: null,
    enqueuedAt: null,
    reason: null,
  })
  return { ...put, attempts: [...put.attempts, { delivery: key, epoch, state: 'succeeded' }] }
}

/** Of each tier up to `limit`, the most urgent first; what cannot be delivered just now the queue is to be told of. */
export function deliverOutboxLocally(
  rules: Rules,
  tables: Tables,
  now: Date,
  { tiers, limit }: { readonly tiers: readonly string[]; readonly limit: number },
): Delivered {
  const first = (a: OutboxRow, b: OutboxRow) => rules.byUrgency(a, b) || a.id - b.id
  const taken = tiers.flatMap((tier) =>
    tables.outbox
      .filter((item) => item.isLocal && item.tier === tier)
      .sort(first)
      .slice(0, limit),
  )
  const done = deliver(rules, tables, now, [...new Set(taken.sort(first).map(({ delivery }) => delivery))])
  const delivered = new Set(done.keys)
  const outbox = done.tables.outbox.flatMap((item) => {
    if (!taken.includes(item)) return [item]
    return delivered.has(item.delivery) ? [] : [{ ...item, isLocal: false }]
  })
  return { keys: done.keys, tables: taken.length === 0 ? tables : { ...done.tables, outbox } }
}

/** What is due, and of which the outbox was not told. */
export function deliverDueLocally(
  rules: Rules,
  tables: Tables,
  now: Date,
  { tiers, limit }: { readonly tiers: readonly string[]; readonly limit: number },
): Delivered {
  const first = (a: Row, b: Row) => rules.byUrgency(a, b) || Number(a.nextAttemptAt) - Number(b.nextAttemptAt)
  const wanted = tiers.flatMap((tier) =>
    tables.deliveries
      .filter((row) => row.tier === tier && rules.isUntold(row) && mayBePut(rules, tables, now, row))
      .sort(first)
      .slice(0, limit),
  )
  return deliver(
    rules,
    tables,
    now,
    wanted.sort(first).map(({ key }) => key),
  )
}

/** A recipient that answers again is told at once of what waits for another attempt. */
export const hasten = (tables: Tables, now: Date, recipient: string): Tables => {
  const isPutOff = (row: Row): boolean =>
    row.recipient === recipient &&
    row.channel === 'https-push' &&
    row.state === 'waiting' &&
    row.attempts > 0 &&
    row.leaseUntil === null &&
    row.nextAttemptAt !== null &&
    row.nextAttemptAt > now
  if (!tables.deliveries.some(isPutOff)) return tables
  const deliveries = tables.deliveries.map((row) =>
    isPutOff(row) ? { ...row, nextAttemptAt: now, enqueuedAt: null } : row,
  )
  return { ...tables, deliveries }
}
