import type { Queryable } from './pool.ts'

/** A table of the schema, with its columns in their order. */
export interface TableColumns {
  readonly name: string
  readonly columns: readonly string[]
}

/**
 * Every table of ours with records. The list of migrations is none, for migrating writes it, nor is which folder of blobs
 * is the store, for that is a matter of the place. Those of the queue lie elsewhere.
 */
export async function listColumns(db: Queryable): Promise<TableColumns[]> {
  const { rows } = await db.query<TableColumns>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attgenerated = ''
        and c.relname not in ('schema_migration', 'blob_store')
      group by c.relname order by c.relname`,
  )
  return rows
}
