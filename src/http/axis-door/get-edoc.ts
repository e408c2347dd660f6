import { edocAnswer } from '../../axis/edoc-answer.ts'
import { type Content, packetContent } from '../../receipts/document-content.ts'
import { handOver } from '../../receipts/hand-over.ts'
import type { AxisReply } from './answer.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { type OwnPacket, packetOf } from './packet-of.ts'
import { requiredField } from './read-fields.ts'
import { sealBeside } from './seal-beside.ts'

/** The packet as base64 in JSON, byte for byte as it was received. @throws GatewayError as `packetOf` */
export async function getEdoc(asking: Asking, surroundings: AxisSurroundings): Promise<AxisReply> {
  const { packet, content } = await take(asking, surroundings)
  const beside = await sealBeside(asking, surroundings, packet.document)
  const sized = { length: packet.document.packetLength, content: content.open() }
  const { length, content: answer } = edocAnswer(sized, beside)
  return { mediaType: 'application/json; charset=utf-8', length, open: () => answer }
}

/** The packet as it is. Clients take any bytes for the file: what cannot be given is told by an empty body. */
export async function downloadEdoc(asking: Asking, surroundings: AxisSurroundings): Promise<AxisReply> {
  const { content } = await take(asking, surroundings)
  return {
    mediaType: content.mediaType,
    ...(content.blob !== undefined && { length: content.blob.length }),
    open: () => content.open(),
  }
}

/** First it is certain that the bytes are there, then the hand-over is on record, then the first byte leaves. */
async function take(
  asking: Asking,
  { context }: AxisSurroundings,
): Promise<{ packet: OwnPacket; content: Content }> {
  const packet = await packetOf(context.pool, asking, requiredField(asking.signed, 'docId'))
  const content = await packetContent(context, packet.document)
  if (packet.as === 'recipient') {
    const { caller } = asking.known
    const { recipient: agency, delivery } = packet
    await handOver(context.pool, { caller, agency, delivery, claimToken: null })
  }
  return { packet, content }
}
