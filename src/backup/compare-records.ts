import { recordEvents } from '../audit/record-events.ts'
import { findDeliveryStates, findKnownDocuments, settleAttested } from '../db/compare-records.ts'
import { findDelivery } from '../db/deliveries.ts'
import { numberInInbox } from '../db/leases.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import { type Attested, type Behind, type Comparison, compareReceipts } from '../domain/comparison.ts'
import type { DeliveryKey, DocumentKey } from '../domain/identifiers.ts'

/** Keys that one statement asks for. */
const AT_ONCE = 5_000

/** Compares receipts that others kept with what is on record here. @throws GatewayError `database-unavailable` */
export async function compareRecords(pool: Pool, attested: readonly Attested[]): Promise<Comparison> {
  const documents = new Set<DocumentKey>()
  const deliveries = new Set<DeliveryKey>()
  for (const { kind, receipt } of attested) {
    documents.add(receipt.document)
    if (kind === 'delivery') deliveries.add(receipt.delivery)
    else for (const { delivery } of receipt.withdrawn) deliveries.add(delivery)
  }
  const known = new Set<DocumentKey>()
  for (const keys of slices([...documents]))
    for (const key of await findKnownDocuments(pool, keys)) known.add(key)
  const states = new Map<DeliveryKey, Comparison['behind'][number]['here']>()
  for (const keys of slices([...deliveries]))
    for (const [key, state] of await findDeliveryStates(pool, keys)) states.set(key, state)
  return compareReceipts(attested, { documents: known, deliveries: states })
}

function* slices<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += AT_ONCE) yield items.slice(at, at + AT_ONCE)
}

/**
 * Brings those that were handed over as far as receipts attest, so that their recipients are not given them again.
 * Answers those that cannot be settled so: what was withdrawn is for a person to take back.
 */
export async function settleBehind(
  pool: Pool,
  actor: string,
  behind: readonly Behind[],
): Promise<{ readonly settled: number; readonly left: readonly Behind[] }> {
  const left: Behind[] = []
  let settled = 0
  for (const one of behind) {
    if (await settleOne(pool, actor, one)) settled += 1
    else left.push(one)
  }
  return { settled, left }
}

async function settleOne(pool: Pool, actor: string, one: Behind): Promise<boolean> {
  const { attested: state, handedOverAt, acknowledgedAt, delivery: key } = one
  if ((state !== 'handed-over' && state !== 'acknowledged') || handedOverAt === null) return false
  return inTransaction(pool, async (db) => {
    const delivery = await findDelivery(db, key)
    if (delivery === undefined) return false
    // The number that it had is not known here: that one stays unused, and this one is above all that were given.
    if (delivery.channel === 'mailbox' || delivery.channel === 'https-push') await numberInInbox(db, delivery)
    if (!(await settleAttested(db, { key, state, handedOverAt, acknowledgedAt }))) return false
    const kind = state === 'acknowledged' ? 'delivery-acknowledged' : 'delivery-handed-over'
    const about = { agency: one.agency, document: one.document, delivery: key }
    const detail = { by: 'receipt', handedOverAt, acknowledgedAt }
    await recordEvents(db, [{ kind, actor, ...about, detail }])
    return true
  })
}
