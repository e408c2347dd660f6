import { findDocument } from '../db/documents.ts'
import { findIdempotencyKey } from '../db/idempotency-keys.ts'
import { databaseNow } from '../db/now.ts'
import type { Envelope } from '../domain/envelope.ts'
import { GatewayError } from '../domain/problem.ts'
import { edxmlTimestamp } from '../domain/vietnam-time.ts'
import { decodeReceipt } from '../signature/decode-receipt.ts'
import { acceptSubmission } from './accept-submission.ts'
import type { Sender } from './compose-document.ts'
import type { AcceptedDocument, IntakeDependencies } from './submission.ts'

/** A packet that the gateway writes for a caller, and that holds the time of its writing. */
export interface Composition {
  /** The packet as of an instant (`yyyy/MM/dd HH:mm:ss`, Vietnam time). */
  readonly write: (timestamp: string) => AsyncIterable<Uint8Array>
  /** Whether an earlier packet of this caller says what this one would say. */
  readonly says: (earlier: Envelope) => boolean
}

/**
 * Takes in a packet that the gateway writes. Asked again under the same Idempotency-Key the first answer is given,
 * whatever has changed in the meantime: the caller may never have got it.
 * @throws GatewayError `idempotency-key-reused`; everything that intake throws
 */
export async function acceptOnce(
  dependencies: IntakeDependencies,
  sender: Sender,
  composition: Composition,
): Promise<AcceptedDocument> {
  const earlier = await earlierAnswer(dependencies, sender, composition)
  if (earlier !== undefined) return earlier
  const now = edxmlTimestamp(await databaseNow(dependencies.pool))
  const content = composition.write(now)
  return acceptSubmission(dependencies, { ...sender, content }).catch(async (error: unknown) => {
    // The same request may have come twice at once, and the other one have been a second earlier.
    const mayBeTwin = error instanceof GatewayError && error.code === 'idempotency-key-reused'
    const twin = mayBeTwin ? await earlierAnswer(dependencies, sender, composition) : undefined
    if (twin === undefined) throw error
    return twin
  })
}

async function earlierAnswer(
  { pool }: IntakeDependencies,
  { caller, idempotencyKey }: Sender,
  { says }: Composition,
): Promise<AcceptedDocument | undefined> {
  if (idempotencyKey === undefined) return undefined
  const known = await findIdempotencyKey(pool, caller.clientId, idempotencyKey)
  const earlier = known && (await findDocument(pool, known.document))
  if (earlier === undefined) return undefined
  if (!says(earlier.envelope)) throw new GatewayError('idempotency-key-reused')
  return { receipt: earlier.receipt, claims: decodeReceipt(earlier.receipt), warnings: [], replayed: true }
}

/** A packet that is small enough to be held whole. */
export async function* wholePacket(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
