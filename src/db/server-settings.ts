import type { Queryable } from './pool.ts'

/** Settings of the server on which it depends that nothing accepted is lost. */
const WATCHED = [
  'server_version',
  'fsync',
  'full_page_writes',
  'synchronous_commit',
  'data_checksums',
  'wal_level',
  'archive_mode',
  'max_connections',
] as const

export type ServerSettings = Readonly<Record<(typeof WATCHED)[number], string>>

export async function readServerSettings(db: Queryable): Promise<ServerSettings> {
  const { rows } = await db.query<{ settings: ServerSettings }>(
    'select json_object_agg(name, current_setting(name)) as settings from unnest($1::text[]) as name',
    [WATCHED],
  )
  return rows[0]!.settings
}
