import { DURABLY } from './durability.ts'
import { lacksTable } from './errors.ts'
import type { Queryable } from './pool.ts'

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

/** Makes an id known in the place of the one that is. */
export async function replaceStoreId(db: Queryable, id: string): Promise<void> {
  await db.query(
    `insert into blob_store (is_only, id) values (true, $1)
      on conflict (is_only) do update set id = excluded.id returning ${DURABLY}`,
    [id],
  )
}
