import { okAnswer, type ReceivedEdoc, type SentEdoc } from '../../axis/answers.ts'
import {
  countPacketsToFetch,
  listPacketsToFetch,
  listSentPackets,
  type PacketToFetch,
  type SentPacket,
  sentPacket,
} from '../../db/axis-packets.ts'
import { findDelivery } from '../../db/deliveries.ts'
import type { Pool } from '../../db/pool.ts'
import type { AxisMessageType } from '../../domain/axis/arrival.ts'
import { PACKET_STATUSES, type PacketStatus } from '../../domain/axis/packet-status.ts'
import { DELIVERY_STATES, type DeliveryState } from '../../domain/delivery-state.ts'
import { deliveryKey, documentKey, isUuid } from '../../domain/identifiers.ts'
import { edxmlTimestamp } from '../../domain/vietnam-time.ts'
import type { AxisReply } from './answer.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { days, messageType } from './read-fields.ts'

const SERVICE = 'eDoc'

/** What the system has still to fetch. Clients fetch what they see, confirm it, and ask again. */
export async function receivedList(asking: Asking, { context }: AxisSurroundings): Promise<AxisReply> {
  const filter = {
    agencies: [...asking.served],
    messageType: messageType(asking.signed),
    ...days(asking.signed),
  }
  const packets = await listPacketsToFetch(context.pool, filter)
  return { json: okAnswer('getReceivedEdocList', { data: packets.map(toReceived) }) }
}

const toReceived = (packet: PacketToFetch): ReceivedEdoc => ({
  docId: packet.delivery,
  serviceType: SERVICE,
  messageType: packet.messageType,
  created_time: edxmlTimestamp(packet.createdAt),
  updated_time: edxmlTimestamp(packet.updatedAt),
  from: packet.from,
  to: packet.to,
  status: packet.status,
  status_desc: packet.description ?? PACKET_STATUSES[packet.status].label.vi,
})

/** What the system's agencies sent, newest first, or one packet of it, with how far each recipient's system is. */
export async function sentList(asking: Asking, { context }: AxisSurroundings): Promise<AxisReply> {
  const filter = {
    agencies: [...asking.served],
    messageType: messageType(asking.signed),
    ...days(asking.signed),
  }
  const docId = asking.signed.get('docId')?.trim() ?? ''
  const packets = isUuid(docId) ? await sentPacket(context.pool, filter, documentKey(docId)) : []
  const isWhole = docId === '' || (packets.length === 0 && (await isLeftBehind(context.pool, asking, docId)))
  const listed = isWhole ? await listSentPackets(context.pool, filter) : packets
  return { json: okAnswer('getSentEdocList', { data: listed.map(toSent) }) }
}

/**
 * Whether a number is that of a packet which the system received: a long-lived client repeats it from its last getEdoc,
 * and would take an empty list for "nothing sent". A number that no packet has is meant, and lists nothing.
 */
async function isLeftBehind(pool: Pool, { served }: Asking, docId: string): Promise<boolean> {
  const delivery = isUuid(docId) ? await findDelivery(pool, deliveryKey(docId)) : undefined
  return delivery !== undefined && served.has(delivery.recipient)
}

/** What a receiving system has done with a packet, where it has told nothing by the axis interface. */
const RECEIVED_AS: Record<DeliveryState, PacketStatus> = {
  waiting: 'initial',
  available: 'initial',
  'handed-over': 'processing',
  acknowledged: 'done',
  withdrawn: 'fail',
  failed: 'fail',
}

const toSent = (packet: SentPacket): SentEdoc => {
  const received = packet.state === 'acknowledged' ? 'done' : (packet.status ?? RECEIVED_AS[packet.state])
  return {
    serviceType: SERVICE,
    messageType: packet.messageType,
    senderDocId: packet.document,
    receiverDocId: packet.delivery,
    fromCode: packet.from,
    toCode: packet.to,
    sendStatus: 'done',
    sendStatusDesc: PACKET_STATUSES.done.label.vi,
    receiveStatus: received,
    receiveStatusDesc: packet.description ?? DELIVERY_STATES[packet.state].label.vi,
    title: packet.subject ?? '',
    notation: [packet.codeNumber, packet.codeNotation].filter(Boolean).join('/'),
    sentTime: edxmlTimestamp(packet.acceptedAt),
    receivedTime: packet.takenAt === null ? '' : edxmlTimestamp(packet.takenAt),
  }
}

/** How many packets of one kind the system has still to fetch. */
export const countOf =
  (operation: 'countReceiveEdoc' | 'countReceiveStatus', type: AxisMessageType) =>
  async ({ served }: Asking, { context }: AxisSurroundings): Promise<AxisReply> => {
    const count = await countPacketsToFetch(context.pool, [...served], type)
    return { json: okAnswer(operation, { count }) }
  }
