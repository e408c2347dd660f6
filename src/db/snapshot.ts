import type { Readable } from 'node:stream'
import pg from 'pg'
import { to } from 'pg-copy-streams'
import type { BackupHeads, SequenceState } from '../domain/backup-manifest.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { LIST_NAMED_BLOBS } from './blobs-in-use.ts'
import { lockMigrations } from './migration-lock.ts'
import { withOwnConnection } from './own-connection.ts'
import { appliedMigrations } from './pending-migrations.ts'
import { listColumns, type TableColumns } from './table-columns.ts'

/** The whole database as it was at one instant, whatever is written meanwhile. */
export interface Snapshot {
  /** By the database's clock. */
  readonly takenAt: Date
  readonly postgresql: string
  readonly migrations: readonly string[]
  /** But for that of small blobs, which are copied as the others are: once for all backups. */
  readonly tables: readonly TableColumns[]
  /** Whether blobs may lie in the database: its schema is of this release or so. */
  readonly keepsSmallBlobs: boolean
  readonly sequences: readonly SequenceState[]
  readonly heads: BackupHeads
  /** Rows of a table as COPY writes them; `rowCount` is right once the stream has ended. */
  copyOut(table: TableColumns): Readable & { readonly rowCount: number }
  /** Every blob that something names, each once, in batches. */
  namedBlobs(): AsyncGenerator<readonly Sha256[]>
}

const SMALL_BLOBS = 'small_blob'
/** Blobs that are fetched at once. */
const BATCH = 2_000

/**
 * Reads in one `repeatable read, read only` transaction over a connection of its own: readers and writers do not wait
 * for it, migrations do. @throws GatewayError `database-unavailable`
 */
export function withSnapshot<T>(databaseUrl: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return withOwnConnection(databaseUrl, 'tram-backup', async (client) => {
    // A table that is rewritten would look empty to a snapshot from before.
    await lockMigrations(client, 'shared')
    await client.query('begin isolation level repeatable read read only')
    await client.query(
      `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local datestyle = iso`,
    )
    const result = await work(await readSnapshot(client))
    await client.query('commit')
    return result
  })
}

async function readSnapshot(client: pg.Client): Promise<Snapshot> {
  const { rows } = await client.query<{ now: Date; version: string }>(
    `select clock_timestamp() as now, current_setting('server_version') as version`,
  )
  const sequences = await client.query<SequenceState>(
    `select sequencename as name, coalesce(last_value, start_value)::text as "lastValue",
        last_value is not null as "isCalled"
      from pg_sequences where schemaname = 'public' and sequencename <> 'schema_migration_id_seq' order by 1`,
  )
  const tables = await listColumns(client)
  const others = tables.filter(({ name }) => name !== SMALL_BLOBS)
  return {
    takenAt: rows[0]!.now,
    postgresql: rows[0]!.version,
    migrations: await appliedMigrations(client),
    tables: others,
    keepsSmallBlobs: others.length < tables.length,
    sequences: sequences.rows,
    heads: await readHeads(client),
    copyOut: ({ name, columns }) =>
      client.query(
        to(`copy ${pg.escapeIdentifier(name)} (${columns.map(pg.escapeIdentifier).join(', ')}) to stdout`),
      ),
    async *namedBlobs() {
      await client.query(`declare named_blobs no scroll cursor for ${LIST_NAMED_BLOBS}`)
      for (;;) {
        const batch = await client.query<{ blob: Sha256 }>(`fetch ${BATCH} from named_blobs`)
        if (batch.rows.length > 0) yield batch.rows.map(({ blob }) => blob)
        if (batch.rows.length < BATCH) return
      }
    },
  }
}

async function readHeads(client: pg.Client): Promise<BackupHeads> {
  const { rows } = await client.query<{
    key: string | null
    accepted_at: Date | null
    audit_event: string | null
    directory_revision: number
    routing_revision: number
  }>(
    `select newest.id as key, newest.accepted_at,
        (select id from audit_event order by id desc limit 1) as audit_event,
        coalesce((select max(number) from directory_revision), 0) as directory_revision,
        coalesce((select max(id) from routing_revision), 0) as routing_revision
      from (select) as one left join lateral
        (select id, accepted_at from document order by accepted_at desc, id desc limit 1) as newest on true`,
  )
  const { key, accepted_at, audit_event, directory_revision, routing_revision } = rows[0]!
  return {
    document: key === null ? null : { key, acceptedAt: accepted_at!.toISOString() },
    auditEvent: audit_event,
    directoryRevision: directory_revision,
    routingRevision: routing_revision,
  }
}
