import { databaseError } from './errors.ts'
import type { Pool, Queryable, Transaction } from './pool.ts'

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws.
 * A connection on which COMMIT was sent but never answered is thrown away; the caller learns `database-unavailable`
 * and must treat the outcome as unknown, which is why everything that is asked twice has the same effect once.
 * @throws GatewayError `database-unavailable`; whatever `work` throws
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (transaction: Transaction) => Promise<T>,
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
    await client.query('begin')
    const result = await work(client as Queryable as Transaction)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken ??= rollbackError
    })
    throw databaseError(error)
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}
