import { type DocumentKey, documentKey } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'
import { rowsInto } from './write-rows.ts'
import type { Writing } from './write-together.ts'

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

const IDEMPOTENCY_KEYS = rowsInto({
  name: 'idempotency-keys',
  table: 'idempotency_key',
  columns: { client_id: 'text', key: 'text', fingerprint: 'text', document_id: 'uuid' },
  onConflict: 'on conflict (client_id, key) do nothing',
})

export interface NewIdempotencyKey extends IdempotencyRecord {
  readonly clientId: string
  readonly key: string
}

const nameOf = ({ clientId, key }: NewIdempotencyKey): string => `${clientId} ${key}`
const byKey = (one: NewIdempotencyKey, other: NewIdempotencyKey): number =>
  nameOf(one) < nameOf(other) ? -1 : 1

/** Keeps what requests made; of keys that are taken, nothing. */
export const writeIdempotencyKeys = (keys: readonly NewIdempotencyKey[]): Writing =>
  IDEMPOTENCY_KEYS(
    // In one order for all: two transactions that bring the same keys wait for each other only one way.
    keys.toSorted(byKey).map(({ clientId, key, fingerprint, document }) => ({
      client_id: clientId,
      key,
      fingerprint,
      document_id: document,
    })),
  )

/** The same of one. Returns false where the key is already taken. */
export async function insertIdempotencyKey(db: Queryable, key: NewIdempotencyKey): Promise<boolean> {
  const { text, values } = writeIdempotencyKeys([key])
  const { rowCount } = await db.query({ name: 'insert-idempotency-key', text, values: [...values] })
  return rowCount === 1
}
