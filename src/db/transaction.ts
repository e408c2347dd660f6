import { databaseError, leftUnanswered } from './errors.ts'
import type { Pool, Queryable, Transaction } from './pool.ts'

export interface TransactionOptions {
  /**
   * The commit is on disk before it is answered, also where `synchronous_commit` is off: for what is confirmed to
   * somebody outside. Stricter settings and `local` stay as the operators chose them.
   */
  readonly durable?: boolean
}

/** One message, one answer: it costs nothing but the flush, where the setting is off. */
const BEGIN_DURABLE = `begin;
  select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off'`

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
  { durable = false }: TransactionOptions,
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
    const [, opened] = await Promise.all([
      client.query(durable ? BEGIN_DURABLE : 'begin'),
      opening(transaction),
    ])
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
