import type { BlobStage, StagedBlob } from '../blobs/store.ts'
import type { Envelope } from '../domain/envelope.ts'
import type { Fault } from '../domain/fault.ts'
import type { Element } from './element.ts'
import type { PacketLimits } from './limits.ts'
import { matchContents } from './match-contents.ts'
import { readAttachments } from './read-attachments.ts'
import { readEnvelope } from './read-envelope.ts'
import { readSkeleton } from './read-skeleton.ts'
import { FaultList } from './rules/fault-list.ts'
import type { Skeleton } from './skeleton.ts'
import { stagePacket } from './stage-packet.ts'

export { DEFAULT_LIMITS, type PacketLimits } from './limits.ts'

export interface ParsedPacket {
  /** To be relied on only where neither `faults` nor `validateEnvelope` holds an error. */
  readonly envelope: Envelope
  /** The packet exactly as received. */
  readonly packet: StagedBlob
  /** About bytes and attachments; `validateEnvelope` tells the rest. */
  readonly faults: readonly Fault[]
  readonly root: Element
  /** For checking a signature over the whole packet by streaming. */
  readonly skeleton: Skeleton
  /** False where a prefix was used undeclared: such a packet has no canonical form, so no signature over it holds. */
  readonly namespaceWellFormed: boolean
}

/**
 * Reads one packet in one pass: its exact bytes and each decoded attachment go into the stage, memory stays flat. On an
 * error the stage holds parts of the packet, and is for the caller to discard.
 * @throws GatewayError `packet-malformed`, `packet-refused`, `payload-too-large`, and what the stage throws
 */
export async function parsePacket(
  content: AsyncIterable<Uint8Array>,
  stage: BlobStage,
  limits: PacketLimits,
): Promise<ParsedPacket> {
  const { packet, skeleton, contents, faults: byteFaults } = await stagePacket(content, stage, limits)
  const { root, faults: syntaxFaults, namespaceWellFormed } = readSkeleton(skeleton)
  const matched = matchContents(root, skeleton, contents)
  const list = new FaultList()
  const attachments = readAttachments(root, matched, list)
  return {
    envelope: readEnvelope(root, attachments),
    packet,
    faults: [...byteFaults, ...syntaxFaults, ...list.faults],
    root,
    skeleton,
    namespaceWellFormed,
  }
}
