import pg from 'pg'
import { KEEP_ALIVE, type Pool, type Transaction } from './pool.ts'
import { inTransaction } from './transaction.ts'

/** One lock for each job that only one process may do at a time. Stable numbers: they are shared across releases. */
export const LEADER_LOCKS = {
  reconcile: 7_001,
  housekeeping: 7_002,
  'in-flight': 7_003,
} as const

/**
 * Does one round of a leader's work, in a transaction that holds the job's advisory lock. Returns undefined where
 * another process is at it. A leader that dies loses its lock with its connection; one that hangs loses it after ten
 * seconds of silence.
 */
export function asLeader<T>(
  pool: Pool,
  job: keyof typeof LEADER_LOCKS,
  work: (db: Transaction) => Promise<T>,
): Promise<T | undefined> {
  return inTransaction(pool, async (db) => {
    await db.query(`set local idle_in_transaction_session_timeout = '10s'`)
    const { rows } = await db.query<{ held: boolean }>('select pg_try_advisory_xact_lock($1) as held', [
      LEADER_LOCKS[job],
    ])
    return rows[0]!.held ? work(db) : undefined
  })
}

/** Locks that one process holds for as long as it works, over one connection of its own. */
export interface Leadership {
  /**
   * Does `work` while no other process does the job of this name. Returns undefined where one does, or where the database
   * cannot be asked. The signal ends the work where the lock may be lost: what it does must be safe to do twice.
   */
  lead<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined>
  close(): Promise<void>
}

/**
 * For jobs that take longer than a transaction should. A process that dies loses its locks with its connection; one that
 * hangs loses them after so many seconds of silence, for its connection says that it lives, not that it works.
 */
export function openLeadership(
  databaseUrl: string,
  onError: (error: Error) => void,
  silenceSeconds = 30,
): Leadership {
  let connecting: Promise<pg.Client> | undefined
  const working = new Set<AbortController>()

  const lose = () => {
    connecting = undefined
    for (const one of working) one.abort()
  }

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'tram-leader',
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
      ...KEEP_ALIVE,
    })
    client.on('error', onError)
    client.on('end', lose)
    await client.connect()
    // Servers before PostgreSQL 14 do not have it.
    await client.query(
      `select set_config(name, $1, false) from pg_settings where name = 'idle_session_timeout'`,
      [`${silenceSeconds}s`],
    )
    const signs = setInterval(
      () => void client.query('select').catch(() => undefined),
      (silenceSeconds * 1_000) / 3,
    )
    signs.unref()
    client.on('end', () => clearInterval(signs))
    return client
  }

  async function ask(text: string, name: string): Promise<boolean> {
    connecting ??= connect()
    try {
      const { rows } = await (await connecting).query<{ done: boolean }>(text, [CONNECTORS, name])
      return rows[0]!.done
    } catch (error) {
      onError(error as Error)
      const broken = connecting
      lose()
      void broken?.then((client) => client.end()).catch(() => undefined)
      return false
    }
  }

  return {
    async lead(name, work) {
      if (!(await ask('select pg_try_advisory_lock($1, hashtext($2)) as done', name))) return undefined
      const ending = new AbortController()
      working.add(ending)
      try {
        return await work(ending.signal)
      } finally {
        working.delete(ending)
        if (!ending.signal.aborted) await ask('select pg_advisory_unlock($1, hashtext($2)) as done', name)
      }
    },
    async close() {
      await connecting?.then((client) => client.end()).catch(() => undefined)
    },
  }
}

const PATIENCE_MS = 5_000
/** With the hash of a connector's name, a lock of two keys: apart from those of one. */
const CONNECTORS = 7_006
