import type { BlobStage, StagedBlob } from '../blobs/store.ts'
import type { Envelope } from '../domain/envelope.ts'
import type { Fault } from '../domain/fault.ts'
import type { XmlRoot } from '../xml/nodes.ts'
import type { Element } from './element.ts'
import type { PacketLimits } from './limits.ts'
import { type MatchedContent, matchContents } from './match-contents.ts'
import { type PlainPacket, readPlainPacket } from './plain-packet.ts'
import { readAttachments } from './read-attachments.ts'
import { readEnvelope } from './read-envelope.ts'
import { readSkeleton } from './read-skeleton.ts'
import { FaultList } from './rules/fault-list.ts'
import { SNIFF_BYTES, sniffType } from './sniff.ts'
import { stagePacket } from './stage-packet.ts'
import { beginningOf } from './whole-packet.ts'

export { DEFAULT_LIMITS, type PacketLimits } from './limits.ts'

export interface ParsedPacket {
  /** To be relied on only where neither `faults` nor `validateEnvelope` holds an error. */
  readonly envelope: Envelope
  /** The packet exactly as received. */
  readonly packet: StagedBlob
  /** About bytes and attachments; `validateEnvelope` tells the rest. */
  readonly faults: readonly Fault[]
  readonly root: Element
  /** The tree of the packet as received, where it was read in one pass. */
  readonly tree?: XmlRoot
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
  const { chunks, isWhole, all } = await beginningOf(content, limits.wholeBytes)
  if (isWhole) {
    const bytes = Buffer.concat(chunks)
    const plain = readPlainPacket(bytes, limits)
    if (plain !== undefined) return stageWhole(bytes, plain, stage)
  }
  return parseStreamed(all, stage, limits)
}

async function parseStreamed(
  content: AsyncIterable<Uint8Array>,
  stage: BlobStage,
  limits: PacketLimits,
): Promise<ParsedPacket> {
  const { packet, skeleton, contents, faults: byteFaults } = await stagePacket(content, stage, limits)
  const { root, faults: syntaxFaults } = readSkeleton(skeleton)
  const parsed = withFacts(root, packet, matchContents(root, skeleton, contents))
  return { ...parsed, faults: [...byteFaults, ...syntaxFaults, ...parsed.faults] }
}

async function stageWhole(
  bytes: Uint8Array,
  { tree, root, contents }: PlainPacket,
  stage: BlobStage,
): Promise<ParsedPacket> {
  const packet = await stage.write(only(bytes))
  const matched = new Map<Element, MatchedContent>()
  for (const { element, bytes: content } of contents) {
    const blob = await stage.write(only(content))
    matched.set(element, {
      mixed: false,
      content: { blob, sniffedType: sniffType(content.subarray(0, SNIFF_BYTES)), fault: undefined },
    })
  }
  return { ...withFacts(root, packet, matched), tree }
}

function withFacts(
  root: Element,
  packet: StagedBlob,
  matched: ReadonlyMap<Element, MatchedContent>,
): ParsedPacket {
  const list = new FaultList()
  const attachments = readAttachments(root, matched, list)
  return { envelope: readEnvelope(root, attachments), packet, faults: list.faults, root }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
