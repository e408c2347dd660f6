import { createHash } from 'node:crypto'
import type { BesidePacket, OutgoingEdoc } from '../../axis/client-types.ts'
import { requireSound } from '../../blobs/require-sound.ts'
import type { BlobStore } from '../../blobs/store.ts'
import { findOutgoing, type OutgoingDocument } from '../../db/outgoing.ts'
import type { Queryable } from '../../db/pool.ts'
import type { Connector } from '../../domain/axis/connector.ts'
import { type Hop, hopHere } from '../../domain/axis/hop.ts'
import { type DocumentKey, sha256 } from '../../domain/identifiers.ts'
import { addTraceHeader } from '../../edxml/add-trace-header.ts'
import { sealForGateway } from '../seal-for-gateway.ts'

export interface PacketDependencies {
  readonly pool: Queryable
  readonly blobs: BlobStore
}

/** Everything about a packet but for whom it is handed in. */
export type PacketToSend = Omit<OutgoingEdoc, 'to'>

/** Bytes of a seal: it stands in the headers twice, as base64, beside the recipients. */
const LONGEST_SEAL = 150_000

/**
 * A packet as another exchange gets it. To a gateway it goes as it came in, with the gateway's seal and its way beside it;
 * the same at every attempt, but for the seal, which grows.
 * @param traceId how this gateway calls itself
 * @throws GatewayError `content-damaged` where the packet is; `storage-unavailable` where a gateway would get it without its seal, which is lost or damaged
 */
export async function packetToSend(
  dependencies: PacketDependencies,
  connector: Connector,
  traceId: string,
  key: DocumentKey,
): Promise<PacketToSend> {
  const document = await findOutgoing(dependencies.pool, key)
  await requireSound(dependencies.blobs, document.packetSha256, document.packetLength)
  const hop = hopHere(traceId, document.firstAcceptedAt)
  const packet = {
    messageType: document.kind === 'status' ? ('status' as const) : ('edoc' as const),
    from: document.from,
    sha256: document.packetSha256,
    length: document.packetLength,
    content: () => dependencies.blobs.readVerified(document.packetSha256),
  }
  if (connector.channel === 'gateway')
    return { ...packet, beside: await besidePacket(dependencies, key, document, hop) }
  return connector.addsTraceHeader ? withTrace(packet, hop) : packet
}

/** The packet with this gateway's TraceHeader; read once to know its digest, which goes before it. */
async function withTrace(packet: PacketToSend, hop: Hop): Promise<PacketToSend> {
  const { length, open } = await addTraceHeader({ length: packet.length, open: packet.content }, hop)
  const hash = createHash('sha256')
  for await (const chunk of open()) hash.update(chunk)
  return { ...packet, length, sha256: sha256(hash.digest('hex')), content: open }
}

async function besidePacket(
  dependencies: PacketDependencies,
  key: DocumentKey,
  { hops }: OutgoingDocument,
  hop: Hop,
): Promise<BesidePacket> {
  const seal = await sealForGateway(dependencies, key, LONGEST_SEAL)
  return { ...(seal && { seal }), hops: [...hops, hop] }
}
