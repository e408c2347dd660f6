import type { BlobStage, StagedBlob } from '../blobs/store.ts'
import type { Fault } from '../domain/fault.ts'
import { type AttachmentContent, AttachmentCutter } from './cut-attachments.ts'
import { PacketLexer } from './lexer.ts'
import type { PacketLimits } from './limits.ts'
import { tooLarge } from './refuse.ts'
import type { Skeleton } from './skeleton.ts'
import { StageSink } from './stage-sink.ts'

export interface StagedPacket {
  readonly packet: StagedBlob
  readonly skeleton: Skeleton
  readonly contents: readonly AttachmentContent[]
  readonly faults: readonly Fault[]
}

/**
 * Takes a packet into the stage exactly as received, and each attachment decoded beside it, in one pass.
 * @throws GatewayError `packet-refused`, `packet-malformed`, `payload-too-large`, and what the stage throws
 */
export async function stagePacket(
  content: AsyncIterable<Uint8Array>,
  stage: BlobStage,
  limits: PacketLimits,
): Promise<StagedPacket> {
  const packet = new StageSink(stage)
  const lexer = new PacketLexer(limits)
  const cutter = new AttachmentCutter(stage)
  try {
    let length = 0
    for await (const chunk of content) {
      length += chunk.length
      if (length > limits.packetBytes) throw tooLarge('bytes', limits.packetBytes)
      await packet.write(chunk)
      for (const event of lexer.feed(chunk)) await cutter.take(event)
    }
    for (const event of lexer.end()) await cutter.take(event)
    const staged = await packet.close()
    return { packet: staged, skeleton: lexer.skeleton(), contents: cutter.contents, faults: lexer.faults }
  } catch (error) {
    await Promise.all([packet.abort(error), cutter.abort(error)])
    throw error
  }
}
