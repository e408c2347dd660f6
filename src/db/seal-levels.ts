import { type DocumentKey, documentKey, type Sha256, sha256 } from '../domain/identifiers.ts'
import type { SealLevel } from '../domain/seal-level.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface SealRecord {
  /** 0 is the seal that was made at acceptance. */
  readonly number: number
  readonly level: SealLevel
  readonly sha256: Sha256
  /** Of the newest timestamp in it; null for the first seal. */
  readonly genTime: Date | null
}

interface SealRow {
  number: number
  level: SealLevel
  sha256: string
  gen_time: Date | null
}

const toSeal = (row: SealRow): SealRecord => ({
  number: row.number,
  level: row.level,
  sha256: sha256(row.sha256),
  genTime: row.gen_time,
})

/** Every form of a document's seal, the first one first. Empty where there is no such document. */
export async function listSeals(db: Queryable, document: DocumentKey): Promise<SealRecord[]> {
  const { rows } = await db.query<SealRow>({
    name: 'list-seals',
    text: `select 0 as number, 'B-B' as level, seal_sha256 as sha256, null::timestamptz as gen_time
        from document where id = $1
      union all select number, level, sha256, gen_time from seal_level where document_id = $1 order by number`,
    values: [document],
  })
  return rows.map(toSeal)
}

/** The form of a document's seal that proves most; undefined where there is no such document. */
export async function currentSeal(db: Queryable, document: DocumentKey): Promise<SealRecord | undefined> {
  return (await listSeals(db, document)).at(-1)
}

/** Adds the next form of a seal. Returns false, and adds nothing, where somebody else was first. */
export async function addSealLevel(
  db: Transaction,
  document: DocumentKey,
  seal: SealRecord & { readonly genTime: Date },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into seal_level (document_id, number, level, sha256, gen_time) values ($1, $2, $3, $4, $5)
      on conflict (document_id, number) do nothing`,
    [document, seal.number, seal.level, seal.sha256, seal.genTime],
  )
  return rowCount === 1
}

/**
 * Documents with a timestamp on their seal whose newest is older than this, the oldest first: the index
 * `seal_level_proof` from its beginning, and the primary key for what came later, until there are enough.
 */
export async function listSealsToRenew(
  db: Queryable,
  { olderThanDays, document, limit }: RenewalScope,
): Promise<DocumentKey[]> {
  const { rows } = await db.query<{ id: string }>(
    `select newest.document_id as id from seal_level as newest
      where newest.gen_time <= clock_timestamp() - make_interval(days => $1)
        and ($2::uuid is null or newest.document_id = $2)
        and not exists (select from seal_level as later
          where later.document_id = newest.document_id and later.number > newest.number)
      order by newest.gen_time, newest.document_id limit $3`,
    [olderThanDays, document ?? null, limit],
  )
  return rows.map(({ id }) => documentKey(id))
}

export interface RenewalScope {
  readonly olderThanDays: number
  readonly document?: DocumentKey
  readonly limit: number
}
