import { buffer } from 'node:stream/consumers'
import type { BesidePacket } from '../../axis/client-types.ts'
import type { DocumentRecord } from '../../db/documents.ts'
import { sealOf } from '../../receipts/document-content.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { ownHop } from './own-hop.ts'

/** The gateway's seal and the way of a packet, for a gateway of this kind; nothing for anybody else. */
export async function sealBeside(
  { known: { system } }: Asking,
  surroundings: AxisSurroundings,
  document: DocumentRecord,
): Promise<BesidePacket | undefined> {
  if (!system.rights.includes('gateway')) return undefined
  const { blobs, pool } = surroundings.context
  const seal = await buffer(blobs.read(await sealOf(pool, document)))
  const hop = ownHop(surroundings, document)
  return { seal, hops: hop === null ? document.hops : [...document.hops, hop] }
}
