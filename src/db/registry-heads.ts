import type { Queryable } from './pool.ts'
import { sharedRead } from './shared-read.ts'

/** The newest revisions: 0 for a directory that was never filled. */
export interface RegistryHeads {
  readonly directory: number
  readonly routing: number
}

/**
 * What every process asks each second and for each submission, two steps down two primary keys; and the time by the
 * database's clock. Those who ask at the same time share an answer.
 */
export const readRegistryHeads: (db: Queryable) => Promise<RegistryHeads & { readonly now: Date }> =
  sharedRead(readHeads)

async function readHeads(db: Queryable): Promise<RegistryHeads & { readonly now: Date }> {
  const { rows } = await db.query<RegistryHeads & { readonly now: Date }>({
    name: 'registry-heads',
    text: `select clock_timestamp() as now, (select coalesce(max(number), 0) from directory_revision) as directory,
      (select coalesce(max(id), 0) from routing_revision) as routing`,
  })
  return rows[0]!
}
