import { setTimeout as pause } from 'node:timers/promises'
import { PG_MIGRATE_LOCK_ID } from 'node-pg-migrate'
import type pg from 'pg'

/** The advisory lock that is held while migrations run, and shared by who wants none to run meanwhile. */
const MIGRATION_LOCK = PG_MIGRATE_LOCK_ID

const TRY = {
  exclusive: 'select pg_try_advisory_lock($1) as locked',
  shared: 'select pg_try_advisory_lock_shared($1) as locked',
} as const

const LET_GO = {
  exclusive: 'select pg_advisory_unlock($1)',
  shared: 'select pg_advisory_unlock_shared($1)',
} as const

const AGAIN_AFTER_MS = 500

/**
 * Takes the lock for this connection until it ends, or lets it go itself, as soon as others let it go. Not waited for within the database: an index is built
 * concurrently only once every statement from before has ended, also one that waits for a lock.
 */
export async function lockMigrations(client: pg.Client, mode: keyof typeof TRY): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(TRY[mode], [MIGRATION_LOCK])
    if (rows[0]!.locked) return
    await pause(AGAIN_AFTER_MS)
  }
}

/** Lets the lock go that this connection has taken. */
export async function unlockMigrations(client: pg.Client, mode: keyof typeof LET_GO): Promise<void> {
  await client.query(LET_GO[mode], [MIGRATION_LOCK])
}
