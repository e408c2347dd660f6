import type { Queryable } from './pool.ts'

/**
 * A column of the answer of a statement that is a transaction by itself: it makes the commit wait for the disk, also where
 * `synchronous_commit` is off. Of a statement without rows it is not asked, and has no effect.
 */
export const DURABLY = `(select set_config('synchronous_commit', 'on', true)
    where current_setting('synchronous_commit') = 'off') as durably`

/** What decides whether a commit can be made and outlives a crash. */
export interface Durability {
  readonly readOnly: boolean
  readonly fsync: boolean
  readonly fullPageWrites: boolean
  /** Whether a commit is on disk before it is answered, which is so with every value but `off`. */
  readonly synchronousCommit: boolean
}

export async function readDurability(db: Queryable): Promise<Durability> {
  const { rows } = await db.query<Durability>({
    name: 'read-durability',
    // A standby, and a database set to read only, both show as transaction_read_only.
    text: `select current_setting('transaction_read_only') = 'on' as "readOnly",
        current_setting('fsync') = 'on' as fsync, current_setting('full_page_writes') = 'on' as "fullPageWrites",
        current_setting('synchronous_commit') <> 'off' as "synchronousCommit"`,
  })
  return rows[0] ?? { readOnly: true, fsync: false, fullPageWrites: false, synchronousCommit: false }
}

/** The settings of PostgreSQL by which it may lose what it confirmed. */
export const losingSettings = (durability: Durability): string[] => [
  ...(durability.fsync ? [] : ['fsync']),
  ...(durability.fullPageWrites ? [] : ['full_page_writes']),
  ...(durability.synchronousCommit ? [] : ['synchronous_commit']),
]
