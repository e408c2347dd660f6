import { edocAnswer } from '../../axis/edoc-answer.ts'
import { handOver } from '../../receipts/hand-over.ts'
import { type GivenPacket, givenPacket } from '../../receipts/traced-packet.ts'
import type { AxisReply } from './answer.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { writtenHop } from './own-hop.ts'
import { type OwnPacket, packetOf } from './packet-of.ts'
import { requiredField } from './read-fields.ts'
import { sealBeside } from './seal-beside.ts'

/**
 * The packet as base64 in JSON: byte for byte as it was received, unless TraceHeaders are configured.
 * @throws GatewayError as `packetOf`; `storage-unavailable` where the bytes, or a gateway's seal over them, are not there
 */
export async function getEdoc(asking: Asking, surroundings: AxisSurroundings): Promise<AxisReply> {
  const packet = await packetAsked(asking, surroundings)
  const beside = await sealBeside(asking, surroundings, packet.document)
  const given = await take(asking, surroundings, packet)
  const { length, content } = edocAnswer({ length: given.length, content: given.open() }, beside)
  return { mediaType: 'application/json; charset=utf-8', length, open: () => content }
}

/** The packet as it is. Clients take any bytes for the file: what cannot be given is told by an empty body. */
export async function downloadEdoc(asking: Asking, surroundings: AxisSurroundings): Promise<AxisReply> {
  return take(asking, surroundings, await packetAsked(asking, surroundings))
}

const packetAsked = (asking: Asking, { context }: AxisSurroundings): Promise<OwnPacket> =>
  packetOf(context.pool, asking, requiredField(asking.signed, 'docId'))

/** First it is certain that the bytes are there, then the hand-over is on record, then the first byte leaves. */
async function take(asking: Asking, surroundings: AxisSurroundings, packet: OwnPacket): Promise<GivenPacket> {
  const { context } = surroundings
  const given = await givenPacket(context, packet.document, writtenHop(asking, surroundings, packet.document))
  if (packet.as === 'recipient') {
    const { caller } = asking.known
    const { recipient: agency, delivery } = packet
    await handOver(context.pool, { caller, agency, delivery, claimToken: null })
  }
  return given
}
