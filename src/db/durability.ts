import type { Queryable } from './pool.ts'

/** What decides whether a commit can be made and outlives a crash. */
export interface Durability {
  readonly readOnly: boolean
  readonly fsync: boolean
  readonly fullPageWrites: boolean
}

export async function readDurability(db: Queryable): Promise<Durability> {
  const { rows } = await db.query<Durability>({
    name: 'read-durability',
    // A standby, and a database set to read only, both show as transaction_read_only.
    text: `select current_setting('transaction_read_only') = 'on' as "readOnly",
        current_setting('fsync') = 'on' as fsync, current_setting('full_page_writes') = 'on' as "fullPageWrites"`,
  })
  return rows[0] ?? { readOnly: true, fsync: false, fullPageWrites: false }
}
