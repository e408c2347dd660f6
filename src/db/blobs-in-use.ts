import type { Sha256 } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

/** Every column that names blobs. */
const NAMED_BY = [
  ['document', 'packet_sha256'],
  ['document', 'seal_sha256'],
  ['document', 'gateway_seal_sha256'],
  ['seal_level', 'sha256'],
  ['attachment', 'sha256'],
  ['axis_arrival', 'packet_sha256'],
] as const

/** Every blob that something names, each once. */
export const LIST_NAMED_BLOBS = NAMED_BY.map(
  ([table, column]) => `select ${column} as blob from ${table} where ${column} is not null`,
).join(' union ')

/** Those of these blobs that no document, no attachment and no packet of another exchange names. */
export async function listUnnamedBlobs(db: Queryable, blobs: readonly Sha256[]): Promise<Sha256[]> {
  const isNamed = NAMED_BY.map(
    ([table, column]) => `not exists (select from ${table} where ${table}.${column} = blob)`,
  )
  const { rows } = await db.query<{ blob: Sha256 }>(
    `select blob from unnest($1::text[]) as given (blob) where ${isNamed.join(' and ')}`,
    [blobs],
  )
  return rows.map(({ blob }) => blob)
}
