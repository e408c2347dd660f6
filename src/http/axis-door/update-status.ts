import { okAnswer } from '../../axis/answers.ts'
import { packetStatus } from '../../domain/axis/packet-status.ts'
import { GatewayError } from '../../domain/problem.ts'
import { acknowledge } from '../../receipts/hand-over.ts'
import { tellOfPacket } from '../../receipts/tell-packet-status.ts'
import type { AxisReply } from './answer.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { packetOf } from './packet-of.ts'
import { invalid, requiredField } from './read-fields.ts'

const MOST_CHARACTERS = 1_000

/**
 * What a receiving system tells of a packet. It says nothing of what the agency does with the document; only `done`,
 * that the packet is stored, takes it off the list for good.
 * @throws GatewayError `request-invalid`, `not-found`, `delivery-state-conflict` where it is done and was never fetched
 */
export async function updateStatus(asking: Asking, { context }: AxisSurroundings): Promise<AxisReply> {
  const { signed, known } = asking
  const text = requiredField(signed, 'status')
  const status = packetStatus(text)
  if (status === undefined)
    throw invalid(
      'status',
      text,
      'Chỉ initial, processing, done hoặc fail.',
      'Only initial, processing, done or fail.',
    )
  const packet = await packetOf(context.pool, asking, requiredField(signed, 'docId'))
  if (packet.as === 'sender') throw new GatewayError('not-found')
  const { caller } = known
  const { recipient, delivery } = packet
  if (status === 'done')
    await acknowledge(context.pool, { caller, agency: recipient, delivery, claimToken: null })
  // Of anything else it is what an earlier call left behind.
  const description = (status === 'fail' && signed.get('description')?.slice(0, MOST_CHARACTERS)) || null
  const document = packet.document.key
  await tellOfPacket(context.pool, { caller, document, delivery, recipient, status, description })
  return { json: okAnswer('updateStatus', {}) }
}
