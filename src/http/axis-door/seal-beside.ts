import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { LONGEST_SEAL } from '../../axis/beside-packet.ts'
import type { BesidePacket } from '../../axis/client-types.ts'
import type { ApiContext } from '../../context.ts'
import type { DocumentRecord } from '../../db/documents.ts'
import { listSeals } from '../../db/seal-levels.ts'
import type { Sha256 } from '../../domain/identifiers.ts'
import { GatewayError } from '../../domain/problem.ts'
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
  const { blobs, pool } = surroundings.context
  const forms = (await listSeals(pool, document.key)).map(({ sha256 }) => sha256)
  const seal = await provingMost(blobs, forms)
  const hop = ownHop(surroundings, document)
  return { ...(seal && { seal }), hops: hop === null ? document.hops : [...document.hops, hop] }
}

/** The form of a seal that proves most, the last, of those that the other gateway reads. */
async function provingMost(
  blobs: ApiContext['blobs'],
  forms: readonly Sha256[],
): Promise<Uint8Array | undefined> {
  for (const form of forms.toReversed()) {
    const length = await blobs.length(form)
    if (length === undefined) throw lost(new Error(`blob ${form}, a seal, is not there`))
    if (length <= LONGEST_SEAL) return readWhole(blobs, form)
  }
  return undefined
}

async function readWhole(blobs: ApiContext['blobs'], seal: Sha256): Promise<Uint8Array> {
  const bytes = await buffer(blobs.read(seal)).catch((cause: unknown) => {
    throw lost(cause)
  })
  if (createHash('sha256').update(bytes).digest('hex') === seal) return bytes
  throw lost(new Error(`blob ${seal}, a seal, does not have the bytes that it is named by`))
}

const lost = (cause: unknown): GatewayError =>
  new GatewayError('storage-unavailable', { cause, retryAfter: 60 })
