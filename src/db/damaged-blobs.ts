import type { BlobDamage } from '../domain/blob-damage.ts'
import {
  type AgencyCode,
  agencyCode,
  type DocumentKey,
  documentKey,
  type Sha256,
} from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface DamagedBlob {
  readonly blob: Sha256
  readonly damage: BlobDamage
  readonly foundAt: Date
}

/** Puts a damaged blob on record. Returns false where it stands there already. */
export async function insertDamage(
  db: Transaction,
  blob: Sha256,
  damage: BlobDamage,
  foundBy: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into damaged_blob (sha256, damage, found_by) values ($1, $2, $3) on conflict (sha256) do nothing`,
    [blob, damage, foundBy],
  )
  return rowCount === 1
}

/** Takes a blob that is whole again off the record. Returns what was known of it; undefined where nothing was. */
export async function deleteDamage(db: Transaction, blob: Sha256): Promise<DamagedBlob | undefined> {
  const { rows } = await db.query<DamagedBlob>(
    `delete from damaged_blob where sha256 = $1 returning sha256 as blob, damage, found_at as "foundAt"`,
    [blob],
  )
  return rows[0]
}

/** Damaged blobs in the order of their digests, after this one. */
export async function listDamage(db: Queryable, after: string, limit: number): Promise<DamagedBlob[]> {
  const { rows } = await db.query<DamagedBlob>(
    `select sha256 as blob, damage, found_at as "foundAt" from damaged_blob
      where sha256 > $1 order by sha256 limit $2`,
    [after, limit],
  )
  return rows
}

export async function isAnyDamaged(db: Queryable, blobs: readonly Sha256[]): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>({
    name: 'is-any-damaged',
    text: 'select exists (select from damaged_blob where sha256 = any($1)) as found',
    values: [blobs],
  })
  return rows[0]!.found
}

/** What a blob is to a document. */
export interface BlobUse {
  readonly document: DocumentKey
  readonly sender: AgencyCode
  readonly part: 'packet' | 'attachment' | 'seal' | 'gateway-seal'
  /** 1 is the first; null of what is no attachment. */
  readonly number: number | null
  readonly name: string | null
}

/** The documents that a blob belongs to. */
export async function listUses(db: Queryable, blob: Sha256, limit: number): Promise<BlobUse[]> {
  const { rows } = await db.query<BlobUse & { document: string; sender: string }>(
    `with used as (
        select id, 'packet' as part, null::integer as number, null::text as name from document where packet_sha256 = $1
        union all select id, 'seal', null, null from document where seal_sha256 = $1
        union all select id, 'gateway-seal', null, null from document where gateway_seal_sha256 = $1
        union all select document_id, 'seal', null, null from seal_level where sha256 = $1
        union all select document_id, 'attachment', position + 1, name from attachment where sha256 = $1)
      select document.id as document, document.sender_code as sender, used.part, used.number, used.name
      from used join document on document.id = used.id order by document.id, used.part, used.number limit $2`,
    [blob, limit],
  )
  return rows.map((row) => ({
    ...row,
    document: documentKey(row.document),
    sender: agencyCode(row.sender),
  }))
}

/** Every blob that anything names, in the order of digests, after this one. */
export async function listNamedBlobs(db: Queryable, after: string, limit: number): Promise<Sha256[]> {
  const part = (source: string, column: string): string =>
    `(select distinct ${column} as blob from ${source} where ${column} > $1 order by ${column} limit $2)`
  const sources = [
    part('document', 'packet_sha256'),
    part('document', 'seal_sha256'),
    part('document', 'gateway_seal_sha256'),
    part('seal_level', 'sha256'),
    part('attachment', 'sha256'),
    part('axis_arrival', 'packet_sha256'),
  ]
  const { rows } = await db.query<{ blob: Sha256 }>(
    `select distinct blob from (${sources.join(' union all ')}) as named order by blob limit $2`,
    [after, limit],
  )
  return rows.map(({ blob }) => blob)
}
