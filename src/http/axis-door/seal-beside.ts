import { LONGEST_SEAL } from '../../axis/beside-packet.ts'
import type { BesidePacket } from '../../axis/client-types.ts'
import type { DocumentRecord } from '../../db/documents.ts'
import { sealForGateway } from '../../delivery/seal-for-gateway.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { ownHop } from './own-hop.ts'

/**
 * The gateway's seal and the way of a packet, for a gateway of this kind; nothing for anybody else. A gateway that is
 * given a packet without its seal has lost it for good: it is told to come again instead.
 * @throws GatewayError `storage-unavailable` where the seal is not there, or is damaged
 */
export async function sealBeside(
  { known: { system } }: Asking,
  surroundings: AxisSurroundings,
  document: DocumentRecord,
): Promise<BesidePacket | undefined> {
  if (!system.rights.includes('gateway')) return undefined
  const seal = await sealForGateway(surroundings.context, document.key, LONGEST_SEAL)
  const hop = ownHop(surroundings, document)
  return { ...(seal && { seal }), hops: hop === null ? document.hops : [...document.hops, hop] }
}
