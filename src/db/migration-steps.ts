/** A part of a migration that is committed by itself. */
export interface MigrationStep {
  readonly sql: string
  /** Made again until it changes no row: a backfill in batches, between which others have their turn. */
  readonly untilDone: boolean
}

const MARK = /^-- Step(, until it changes nothing)?$/m

/**
 * The steps of a migration that is not one transaction: what cannot be done inside one (`create index concurrently`), or
 * what would hold its locks for too long. A line `-- Step` begins each; one that was cut off is made again from its first
 * step, so each must be one statement that may be made twice. Null where the whole file is one transaction.
 */
export function stepsOf(migration: string): MigrationStep[] | null {
  const [before, ...parts] = migration.split(MARK)
  if (parts.length === 0) return null
  if (/^\s*[^-\s]/m.test(before ?? ''))
    throw new Error('a migration in steps has nothing before its first step')
  const steps: MigrationStep[] = []
  for (let at = 0; at < parts.length; at += 2)
    steps.push({ untilDone: parts[at] !== undefined, sql: (parts[at + 1] ?? '').trim() })
  return steps
}
