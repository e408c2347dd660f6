import { findDelivery } from '../../db/deliveries.ts'
import { type DocumentRecord, findDocument } from '../../db/documents.ts'
import type { Pool } from '../../db/pool.ts'
import {
  type AgencyCode,
  type DeliveryKey,
  deliveryKey,
  documentKey,
  isUuid,
} from '../../domain/identifiers.ts'
import { GatewayError } from '../../domain/problem.ts'
import { receivedDocument } from '../../receipts/own-documents.ts'
import type { Asking } from './asking.ts'

/** A packet that a system may have, by the number that a list or an answer gave it. */
export type OwnPacket =
  | {
      readonly as: 'recipient'
      readonly document: DocumentRecord
      readonly delivery: DeliveryKey
      readonly recipient: AgencyCode
    }
  | { readonly as: 'sender'; readonly document: DocumentRecord }

/** @throws GatewayError `not-found`, also where it is somebody else's; `delivery-withdrawn`, `delivery-moved` */
export async function packetOf(pool: Pool, { served }: Asking, docId: string): Promise<OwnPacket> {
  if (!isUuid(docId)) throw unknown(docId)
  const delivery = await findDelivery(pool, deliveryKey(docId))
  if (delivery !== undefined && served.has(delivery.recipient)) {
    const { document } = await receivedDocument(pool, delivery.recipient, delivery.key)
    return { as: 'recipient', document, delivery: delivery.key, recipient: delivery.recipient }
  }
  const document = await findDocument(pool, documentKey(docId))
  if (document !== undefined && served.has(document.sender)) return { as: 'sender', document }
  throw unknown(docId)
}

const unknown = (docId: string): GatewayError =>
  new GatewayError('not-found', {
    detail: {
      vi: `Không có gói tin ${docId.slice(0, 100)} cho các cơ quan của hệ thống này.`,
      en: `There is no packet ${docId.slice(0, 100)} for the agencies of this system.`,
    },
  })
