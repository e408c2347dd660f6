import { buffer } from 'node:stream/consumers'
import type { BesidePacket } from '../../axis/client-types.ts'
import type { DocumentRecord } from '../../db/documents.ts'
import { sealOf } from '../../receipts/document-content.ts'
import type { Asking, AxisSurroundings } from './asking.ts'

/** The gateway's seal and the way of a packet, for a gateway of this kind; nothing for anybody else. */
export async function sealBeside(
  { known: { system } }: Asking,
  { context }: AxisSurroundings,
  document: DocumentRecord,
): Promise<BesidePacket | undefined> {
  if (!system.rights.includes('gateway')) return undefined
  const seal = await buffer(context.blobs.read(await sealOf(context.pool, document)))
  return { seal, hops: [] }
}
