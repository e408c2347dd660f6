import { cpus, loadavg, totalmem } from 'node:os'
import type { Pool } from '../../../src/db/pool.ts'

/** What the figures were taken on, in one line. */
export async function machineOf(pool: Pool, queue: string): Promise<string> {
  const { rows } = await pool.query<{ version: string; fsync: string; commit: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as commit`,
  )
  const { version, fsync, commit } = rows[0]!
  const [cpu, ...others] = cpus()
  return (
    `${others.length + 1} × ${cpu?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ` +
    `PostgreSQL ${version} (fsync ${fsync}, synchronous_commit ${commit}), queue in ${queue}, load average ${loadavg()[1]?.toFixed(1)} of which this is one part`
  )
}
