import { findDocument } from '../db/documents.ts'
import { findIdempotencyKey } from '../db/idempotency-keys.ts'
import { databaseNow } from '../db/now.ts'
import type { Envelope } from '../domain/envelope.ts'
import { GatewayError } from '../domain/problem.ts'
import { edxmlTimestamp } from '../domain/vietnam-time.ts'
import { acceptSubmission } from './accept-submission.ts'
import type { Sender } from './compose-document.ts'
import type { AcceptedDocument, IntakeDependencies } from './submission.ts'

/**
 * Takes in a packet that the gateway writes and that holds the time of its writing. Asked again under the same
 * Idempotency-Key, the packet is written with the time of the first asking, and so is the same one again.
 * @param write the packet as of an instant (`yyyy/MM/dd HH:mm:ss`, Vietnam time)
 */
export async function acceptOnce(
  dependencies: IntakeDependencies,
  sender: Sender,
  write: (timestamp: string) => AsyncIterable<Uint8Array>,
): Promise<AcceptedDocument> {
  const accept = async () => {
    const timestamp =
      (await earlierTimestamp(dependencies, sender)) ?? edxmlTimestamp(await databaseNow(dependencies.pool))
    return acceptSubmission(dependencies, { ...sender, content: write(timestamp) })
  }
  return accept().catch((error: unknown) => {
    // The same request may have come twice at once, and the other one have been a second earlier.
    const mayBeTwin = error instanceof GatewayError && error.code === 'idempotency-key-reused'
    if (!mayBeTwin) throw error
    return accept()
  })
}

async function earlierTimestamp(
  { pool }: IntakeDependencies,
  { caller, idempotencyKey }: Sender,
): Promise<string | undefined> {
  if (idempotencyKey === undefined) return undefined
  const known = await findIdempotencyKey(pool, caller.clientId, idempotencyKey)
  const earlier = known && (await findDocument(pool, known.document))
  return earlier && timestampOf(earlier.envelope)
}

const timestampOf = (envelope: Envelope): string | undefined =>
  envelope.kind === 'status' ? envelope.timestamp : envelope.trace.at(-1)?.timestamp

/** A packet that is small enough to be held whole. */
export async function* wholePacket(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
