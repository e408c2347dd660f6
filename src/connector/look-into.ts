import type { Envelope } from '../domain/envelope.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { withSender } from '../domain/unnamed-sender.ts'
import { parsePacket } from '../edxml/parse-packet.ts'
import type { ArrivalDependencies } from './dependencies.ts'
import { isJudgement, judgedPacket } from './judged-packet.ts'
import { factsOfPacket } from './packet-facts.ts'

/** A stored packet, as far as it must be known before it is handed in. */
export interface Look {
  readonly envelope: Envelope
  /** For whom it is handed in. */
  readonly names: readonly string[]
  /** What it says, for these. */
  readonly facts: Sha256
}

/**
 * Reads a stored packet. Undefined where it cannot be read: intake says why.
 * @param namesFor for whom an envelope is handed in
 * @param sender who sends it, where its From is the word `null`; undefined: nobody knows
 * @throws GatewayError `content-damaged` where it is not what was fetched, `storage-unavailable`, `database-unavailable`
 */
export async function lookInto(
  { blobs, packetLimits }: Pick<ArrivalDependencies['intake'], 'blobs' | 'packetLimits'>,
  packet: Sha256,
  namesFor: (envelope: Envelope) => readonly string[],
  sender: string | undefined,
): Promise<Look | undefined> {
  const stage = await blobs.stage()
  try {
    return await judgedPacket(blobs, packet, async (content) => {
      const parsed = await parsePacket(content, stage, packetLimits)
      const envelope = withSender(parsed.envelope, sender)
      const names = namesFor(envelope)
      const facts = await factsOfPacket(envelope, names, stage, packetLimits.packetBytes)
      return { envelope, names, facts }
    })
  } catch (error) {
    if (isJudgement(error)) return undefined
    throw error
  } finally {
    await stage.discard()
  }
}
