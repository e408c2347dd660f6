import { recordEvents } from '../audit/record-events.ts'
import { findDeparture } from '../db/in-flight.ts'
import { lockOwnDelivery, markAcknowledged, markHandedOver, type OwnDelivery } from '../db/inbox.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { AuditEventKind } from '../domain/audit-event.ts'
import type { Caller } from '../domain/caller.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { passStep } from '../step.ts'

export interface OwnDeliveryRequest {
  readonly caller: Caller
  /** Whose inbox: the caller's agency, or one that it holds a delegation of. */
  readonly agency: AgencyCode
  readonly delivery: DeliveryKey
  readonly claimToken: string | null
}

/** A recipient acts on it: a crash of the database must not forget it. */
async function durably<T>(pool: Pool, work: (db: Transaction) => Promise<T>): Promise<T> {
  const done = await inTransaction(pool, work, { durable: true })
  passStep('receipt-committed')
  return done
}

/**
 * Records, before the first byte leaves, that the recipient may hold the document from now on. Fetching again is fine
 * and changes nothing.
 * @throws GatewayError `not-found`, `delivery-moved`, `delivery-withdrawn`, `claim-conflict`
 */
export function handOver(pool: Pool, request: OwnDeliveryRequest): Promise<OwnDelivery> {
  return durably(pool, async (db) => {
    const delivery = await ownDelivery(db, request)
    if (delivery.handedOverAt !== null) return delivery
    if (!(await markHandedOver(db, delivery.key))) throw new GatewayError('delivery-state-conflict')
    await record(db, request, delivery, 'delivery-handed-over')
    return delivery
  })
}

/**
 * Records that the recipient has stored the document. Acknowledging again is fine and changes nothing.
 * @throws GatewayError `not-found`, `delivery-moved`, `delivery-withdrawn`, `claim-conflict`,
 *   `delivery-state-conflict` where the document was never fetched
 */
export function acknowledge(pool: Pool, request: OwnDeliveryRequest): Promise<void> {
  return durably(pool, async (db) => {
    const delivery = await ownDelivery(db, request)
    if (delivery.state === 'acknowledged') return
    if (!(await markAcknowledged(db, delivery.key))) throw notFetched()
    await record(db, request, delivery, 'delivery-acknowledged')
  })
}

async function ownDelivery(db: Transaction, request: OwnDeliveryRequest): Promise<OwnDelivery> {
  const delivery = await lockOwnDelivery(db, request.agency, request.delivery, request.claimToken)
  if (delivery === undefined) throw await notHere(db, request)
  if (delivery.state === 'withdrawn') throw new GatewayError('delivery-withdrawn')
  if (delivery.heldByAnother) throw new GatewayError('claim-conflict', { retryAfter: 30 })
  return delivery
}

async function record(
  db: Transaction,
  request: OwnDeliveryRequest,
  delivery: OwnDelivery,
  kind: AuditEventKind,
): Promise<void> {
  await recordEvents(db, [
    {
      kind,
      actor: request.caller.clientId,
      agency: delivery.recipient,
      document: delivery.document,
      delivery: delivery.key,
    },
  ])
  passStep('receipt-written')
}

/** What once lay in this inbox and left it is told apart from what never did. */
async function notHere(db: Transaction, { agency, delivery }: OwnDeliveryRequest): Promise<GatewayError> {
  const movedTo = await findDeparture(db, agency, delivery)
  if (movedTo === undefined) return new GatewayError('not-found')
  if (movedTo === null) return new GatewayError('delivery-moved')
  const detail = { vi: `Nay thuộc hộp thư của ${movedTo}.`, en: `It lies in the inbox of ${movedTo} now.` }
  return new GatewayError('delivery-moved', { detail })
}

const notFetched = (): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: {
      vi: 'Văn bản chưa được lấy về nên chưa thể xác nhận.',
      en: 'The document was not fetched, so it cannot be acknowledged.',
    },
  })
