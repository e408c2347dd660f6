import type { Pool } from '../../src/db/pool.ts'

export interface LockWatch {
  /** Milliseconds for which anybody has waited for a lock at most. */
  readonly worstMs: number
  /** What that was. */
  readonly worst: string
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 25
/** Between two looks, on a machine that is busy. */
const USUAL_GAP_MS = 250

/** Watches who waits for whom in a database, but for advisory locks, on which leaders and migrations wait by intent. */
export function watchLocks(pool: Pool): LockWatch {
  let [worstMs, worst, stopped] = [0, '', false]
  let lookedAt = performance.now()
  const look = async () => {
    const { rows } = await pool.query<{ ms: number; query: string }>(
      `select extract(epoch from clock_timestamp() - waitstart)::float8 * 1000 as ms, query
        from pg_locks join pg_stat_activity using (pid)
        where not granted and waitstart is not null and locktype not in ('advisory', 'virtualxid')
        order by waitstart limit 1`,
    )
    const [first] = rows
    const gap = performance.now() - lookedAt
    lookedAt = performance.now()
    if (first === undefined) return
    // Who is looked at late was given up late: the machine stood still.
    const ms = first.ms - Math.max(0, gap - USUAL_GAP_MS)
    if (ms > worstMs) [worstMs, worst] = [ms, first.query]
  }
  const watching = (async () => {
    while (!stopped) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  })()
  return {
    get worstMs() {
      return worstMs
    },
    get worst() {
      return worst
    },
    async stop() {
      stopped = true
      await watching
    },
  }
}
