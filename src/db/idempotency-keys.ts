import { type DocumentKey, documentKey } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

export interface IdempotencyRecord {
  readonly fingerprint: string
  readonly document: DocumentKey
}

/** What a client's earlier request under the same Idempotency-Key was and made. */
export async function findIdempotencyKey(
  db: Queryable,
  clientId: string,
  key: string,
): Promise<IdempotencyRecord | undefined> {
  const { rows } = await db.query<{ fingerprint: string; document_id: string }>({
    name: 'find-idempotency-key',
    text: 'select fingerprint, document_id from idempotency_key where client_id = $1 and key = $2',
    values: [clientId, key],
  })
  return rows[0] && { fingerprint: rows[0].fingerprint, document: documentKey(rows[0].document_id) }
}

/** Keeps what a request made. Returns false where the key is already taken. */
export async function insertIdempotencyKey(
  db: Queryable,
  clientId: string,
  key: string,
  record: IdempotencyRecord,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'insert-idempotency-key',
    text: `insert into idempotency_key (client_id, key, fingerprint, document_id) values ($1, $2, $3, $4)
      on conflict (client_id, key) do nothing`,
    values: [clientId, key, record.fingerprint, record.document],
  })
  return rowCount === 1
}
