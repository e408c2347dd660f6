import { DURABLY } from './durability.ts'
import { lacksTable } from './errors.ts'
import type { Queryable, Transaction } from './pool.ts'

interface Row {
  readonly id: string
}

/** The id of the folder of blobs that belongs to this database; null where it knows none yet, or is of a release before. */
export async function findStoreId(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<Row>('select id from blob_store').catch((error: unknown) => {
    if (lacksTable(error)) return { rows: [] }
    throw error
  })
  return rows[0]?.id ?? null
}

/** Makes an id known, unless one is. Answers the one that is known then. */
export async function claimStoreId(db: Queryable, id: string): Promise<string> {
  const { rows } = await db.query<Row>(
    `insert into blob_store (is_only, id) values (true, $1) on conflict do nothing returning id, ${DURABLY}`,
    [id],
  )
  return rows[0]?.id ?? (await findStoreId(db)) ?? id
}

/** Makes an id known in the place of the one that is. Answers that one; null where there was none. */
export async function replaceStoreId(db: Transaction, id: string): Promise<string | null> {
  const made = await db.query(
    'insert into blob_store (is_only, id) values (true, $1) on conflict do nothing',
    [id],
  )
  if (made.rowCount === 1) return null
  const { rows } = await db.query<Row>('select id from blob_store for update')
  await db.query('update blob_store set id = $1', [id])
  return rows[0]?.id ?? null
}
