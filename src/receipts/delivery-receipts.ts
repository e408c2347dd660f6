import type { AuditEventRecord } from '../db/audit-events.ts'
import type { DeliveryRecord } from '../db/deliveries.ts'
import { listEventsOf } from '../db/delivery-history.ts'
import type { DocumentRecord } from '../db/documents.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import { type DeliveryPosition, pageDeliveries } from '../db/sent-documents.ts'
import { recipientName } from '../domain/addressed.ts'
import { isConnectorChannel } from '../domain/axis/connector.ts'
import {
  DELIVERY_EVENTS,
  type DeliveryReceipt,
  RELAY_EVENTS,
  type Redirection,
} from '../domain/delivery-receipt.ts'
import type { DeliveryKey } from '../domain/identifiers.ts'
import type { Signer } from '../signature/keys/signer.ts'
import { signDeliveryReceipt } from '../signature/receipt-jws.ts'

export interface ReceiptDependencies {
  readonly pool: Pool
  /** Signs receipts, as of the time that they are made. */
  readonly receiptKeyAt: (time: Date) => Signer
}

export interface SignedDeliveryReceipt {
  readonly claims: DeliveryReceipt
  /** A compact JWS. */
  readonly receipt: string
}

/**
 * A receipt for each delivery of a document, for one page of them, signed now from what is on record.
 * @param after the delivery that the page before ended with
 */
export async function deliveryReceipts(
  { pool, receiptKeyAt }: ReceiptDependencies,
  document: DocumentRecord,
  after: DeliveryPosition | null,
  limit: number,
): Promise<SignedDeliveryReceipt[]> {
  const deliveries = await pageDeliveries(pool, document.key, after, limit)
  const keys = deliveries.map(({ key }) => key)
  const events = await listEventsOf(pool, document.key, keys)
  const byDelivery = new Map(keys.map((key): [string | null, AuditEventRecord[]] => [key, []]))
  for (const event of events) byDelivery.get(event.delivery)?.push(event)
  const signer = receiptKeyAt(await databaseNow(pool))
  const receipts: SignedDeliveryReceipt[] = []
  for (const delivery of deliveries) {
    const claims = deliveryClaims(document, delivery, byDelivery.get(delivery.key) ?? [])
    receipts.push({ claims, receipt: await signDeliveryReceipt(claims, signer) })
  }
  return receipts
}

/** What is on record of a delivery. @param events its own, oldest first */
function deliveryClaims(
  document: DocumentRecord,
  delivery: DeliveryRecord,
  events: readonly Pick<AuditEventRecord, 'kind' | 'at' | 'detail'>[],
): DeliveryReceipt {
  const { addressed = [] } = delivery.route
  const reason = reasonOf(delivery)
  return {
    event: (isConnectorChannel(delivery.channel) ? RELAY_EVENTS : DELIVERY_EVENTS)[delivery.state],
    document: document.key,
    edxmlDocumentId: document.edxmlDocumentId,
    packetSha256: document.packetSha256,
    sender: document.sender,
    senderName: document.senderName,
    delivery: delivery.key,
    agency: delivery.recipient,
    name: recipientName(delivery.recipient, addressed),
    addressedAs: addressed,
    redirections: events.flatMap(redirectionOf),
    state: delivery.state,
    stateSince: delivery.stateSince.toISOString(),
    reason: reason.code ?? null,
    joinedWith: reason.with ?? null,
    requestState: delivery.requestState,
    acceptedAt: document.acceptedAt.toISOString(),
    availableAt: availableSince(events),
    handedOverAt: delivery.handedOverAt?.toISOString() ?? null,
    acknowledgedAt: delivery.acknowledgedAt?.toISOString() ?? null,
  }
}

type Reason = { readonly code?: string; readonly with?: DeliveryKey }

const reasonOf = ({ reason }: DeliveryRecord): Reason => (reason ?? {}) as Reason

function redirectionOf({
  kind,
  at,
  detail,
}: Pick<AuditEventRecord, 'kind' | 'at' | 'detail'>): Redirection[] {
  if (kind !== 'delivery-redirected') return []
  const { from, to, act, on, basis } = detail as Omit<Redirection, 'at'> & Record<string, unknown>
  return [{ at: at.toISOString(), from, to, act, on, basis }]
}

/** When it came to lie in the inbox of the agency that has it now: a redirection takes it out of the one before. */
function availableSince(events: readonly Pick<AuditEventRecord, 'kind' | 'at'>[]): string | null {
  const moved = events.findLastIndex(({ kind }) => kind === 'delivery-redirected')
  const since = events.slice(moved + 1).find(({ kind }) => kind === 'delivery-available')
  return since?.at.toISOString() ?? null
}
