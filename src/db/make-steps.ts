import { untilUnlocked } from './migration-retries.ts'
import type { MigrationStep } from './migration-steps.ts'

/**
 * Others who want a table stand in line behind a migration that waits for its lock: it gives up its place soon, and comes
 * again (https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT).
 */
export const LOCK_TIMEOUT = `set lock_timeout = 500`
/** Nobody stands in line behind what is done concurrently, which waits for every transaction that began before. */
const NO_LOCK_TIMEOUT = `set lock_timeout = 0`

const CONCURRENT = /^\s*(create|drop) (unique )?index concurrently\b/i
const NEW_INDEX = /^\s*create (?:unique )?index concurrently (\w+)/i

/** Below every key. */
const NO_KEY = '00000000-0000-0000-0000-000000000000'

/** A connection outside of any transaction. */
interface StepConnection {
  query(text: string, values?: unknown[]): Promise<Made>
}

interface Made {
  readonly rowCount: number | null
  readonly rows: readonly { readonly id?: string }[]
}

/**
 * Makes the steps of a migration in their order. One that others lock is made again, without those before it.
 * @throws Error where a step stays locked by others
 */
export async function makeSteps(
  db: StepConnection,
  steps: readonly MigrationStep[],
  onRetry: (error: Error) => void,
): Promise<void> {
  for (const { sql, untilDone, inOrder } of steps) {
    await db.query(CONCURRENT.test(sql) ? NO_LOCK_TIMEOUT : LOCK_TIMEOUT)
    let after = NO_KEY
    for (;;) {
      const { rows, rowCount } = await untilUnlocked(
        () => db.query(sql, inOrder ? [after] : undefined),
        async (error) => {
          onRetry(error)
          await dropBroken(db, sql)
        },
      )
      if (!untilDone || (rowCount ?? 0) === 0) break
      after = rows.reduce((last, { id = NO_KEY }) => (id > last ? id : last), after)
    }
  }
}

/** An index whose building was cut off is there, and not valid. */
async function dropBroken(db: StepConnection, sql: string): Promise<void> {
  const name = NEW_INDEX.exec(sql)?.[1]
  if (name !== undefined) await db.query(`drop index concurrently if exists ${name}`)
}
