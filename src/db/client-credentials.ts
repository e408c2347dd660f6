import type { Sha256 } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

/** The digests of a client's secrets that are in force now. */
export async function listSecretDigests(db: Queryable, clientId: string): Promise<string[]> {
  const { rows } = await db.query<{ secret_sha256: string }>({
    name: 'list-secret-digests',
    text: `select secret_sha256 from client_secret
      where client_id = $1 and (expires_at is null or expires_at > clock_timestamp())`,
    values: [clientId],
  })
  return rows.map((row) => row.secret_sha256)
}

export async function insertSecret(db: Transaction, clientId: string, digest: Sha256): Promise<void> {
  await db.query('insert into client_secret (secret_sha256, client_id) values ($1, $2)', [digest, clientId])
}

/** Lets the secrets that a client has end at `at` at the latest, and removes those that have ended. */
export async function endSecrets(db: Transaction, clientId: string, at: Date): Promise<void> {
  await db.query(
    `update client_secret set expires_at = least(coalesce(expires_at, $2), $2) where client_id = $1`,
    [clientId, at],
  )
  await db.query('delete from client_secret where client_id = $1 and expires_at <= clock_timestamp()', [
    clientId,
  ])
}

/**
 * Uses up an assertion of private_key_jwt (RFC 7523 §3 item 7), and forgets those of the client that can no longer be
 * valid. Returns false where it was used before.
 */
export async function consumeAssertion(
  db: Queryable,
  clientId: string,
  jti: string,
  expiresAt: Date,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'consume-assertion',
    text: `with forgotten as (
        delete from client_assertion where client_id = $1 and expires_at < clock_timestamp() - interval '10 minutes')
      insert into client_assertion (client_id, jti, expires_at) values ($1, $2, $3)
        on conflict (client_id, jti) do nothing`,
    values: [clientId, jti, expiresAt],
  })
  return rowCount === 1
}
