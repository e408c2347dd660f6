/** A part of a migration that is committed by itself. */
export interface MigrationStep {
  readonly sql: string
  /** Made again until it changes no row: a backfill in batches, between which others have their turn. */
  readonly untilDone: boolean
  /** Given the greatest `id` that it returned so far, as `$1`: what it passed once, it passes no more. */
  readonly inOrder: boolean
}

const MARK = /^-- Step(, until it changes nothing)?$/m

/**
 * The steps of a migration that is not one transaction: what cannot be done inside one (`create index concurrently`), or
 * what would hold its locks for too long. A line `-- Step` begins each; a file that was cut off is made again from its
 * first step, so each must be one statement that may be made twice. Null where the whole file is one transaction.
 */
export function stepsOf(migration: string): MigrationStep[] | null {
  const [before, ...parts] = migration.split(MARK)
  if (parts.length === 0) return null
  if (/^\s*[^-\s]/m.test(before ?? ''))
    throw new Error('a migration in steps has nothing before its first step')
  const steps: MigrationStep[] = []
  for (let at = 0; at < parts.length; at += 2) {
    const sql = (parts[at + 1] ?? '').trim()
    steps.push({ sql, untilDone: parts[at] !== undefined, inOrder: /\$1\b/.test(sql) })
  }
  return steps
}
