import { timingSafeEqual } from 'node:crypto'
import { listSecretDigests } from '../db/client-credentials.ts'
import { type ClientRecord, findClient } from '../db/clients.ts'
import type { Pool } from '../db/pool.ts'
import { isClientId, secretDigest } from './clients.ts'

/** The client that a secret is of, revoked or not; undefined where it is none of that client's. */
export async function clientOfSecret(
  pool: Pool,
  clientId: string,
  secret: string,
): Promise<ClientRecord | undefined> {
  if (!isClientId(clientId)) return undefined
  const given = Buffer.from(secretDigest(secret), 'hex')
  // Asked also for clients that do not exist, so that the time of the answer does not tell which do.
  const digests = await listSecretDigests(pool, clientId)
  const client = await findClient(pool, clientId)
  const matches = digests.filter((digest) => timingSafeEqual(Buffer.from(digest, 'hex'), given))
  return matches.length > 0 ? client : undefined
}
