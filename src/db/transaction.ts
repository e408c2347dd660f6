import { databaseError, leftUnanswered } from './errors.ts'
import type { Pool, Queryable, Transaction } from './pool.ts'

export interface TransactionOptions {
  /**
   * The commit is on disk before it is answered, also where `synchronous_commit` is off: for what is confirmed to
   * somebody outside. Stricter settings and `local` stay as the operators chose them.
   */
  readonly durable?: boolean
  /**
   * Milliseconds that a lock is waited for; without an end of its own where left out. Where it is not to be had, the
   * transaction fails (lock_not_available: `waitedForLock`), and so does not wait for who may be frozen.
   */
  readonly lockTimeoutMs?: number
  /**
   * Milliseconds for which the transaction may stand still between two statements; 30 s where left out. For those that are
   * done at once, and for whose rows others wait: a process that is frozen in the middle, or cut off, loses its connection
   * then, and its locks with it.
   */
  readonly idleTimeoutMs?: number
}

/** For transactions whose statements follow each other at once: nothing is signed, asked or read from files in between. */
export const BRIEF = { idleTimeoutMs: 5_000 } as const

/** Costs nothing but the flush, where the setting is off. */
const DURABLE = `select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off'`

/** One message, one answer. */
const begin = ({ durable = false, lockTimeoutMs, idleTimeoutMs }: TransactionOptions): string =>
  [
    'begin',
    ...(lockTimeoutMs === undefined ? [] : [`set local lock_timeout = ${lockTimeoutMs}`]),
    ...(idleTimeoutMs === undefined
      ? []
      : [`set local idle_in_transaction_session_timeout = ${idleTimeoutMs}`]),
    ...(durable ? [DURABLE] : []),
  ].join('; ')

/**
 * The same, for work that begins by asking: what `opening` asks leaves together with BEGIN, and `work` gets the answers.
 * Nothing may be written by `opening`: it is sent before the transaction is known to have begun.
 */
export const inOpenedTransaction = <O, T>(
  pool: Pool,
  opening: (transaction: Transaction) => Promise<O>,
  work: (transaction: Transaction, opened: O) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> => transact(pool, opening, work, options)

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws.
 * A connection on which COMMIT was sent but never answered is thrown away; the caller learns `database-unavailable`
 * and must treat the outcome as unknown, which is why everything that is asked twice has the same effect once.
 * @throws GatewayError `database-unavailable`; whatever `work` throws
 */
export const inTransaction = <T>(
  pool: Pool,
  work: (transaction: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> => transact(pool, async () => undefined, work, options)

async function transact<O, T>(
  pool: Pool,
  opening: (transaction: Transaction) => Promise<O>,
  work: (transaction: Transaction, opened: O) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw databaseError(error)
  })
  let broken: Error | undefined
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    const transaction = client as Queryable as Transaction
    const [, opened] = await Promise.all([client.query(begin(options)), opening(transaction)])
    const result = await work(transaction, opened)
    await client.query('commit')
    return result
  } catch (error) {
    if (leftUnanswered(error)) broken = error
    else {
      await client.query('rollback').catch((rollbackError: Error) => {
        broken ??= rollbackError
      })
    }
    throw databaseError(error)
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/**
 * Runs one statement that is a transaction by itself.
 * @throws GatewayError `database-unavailable`: the outcome is unknown, as with a transaction
 */
export async function inStatement<T>(pool: Pool, work: (db: Queryable) => Promise<T>): Promise<T> {
  try {
    return await work(pool)
  } catch (error) {
    throw databaseError(error)
  }
}
