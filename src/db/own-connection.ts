import pg from 'pg'
import { databaseError } from './errors.ts'
import { KEEP_ALIVE } from './pool.ts'

/**
 * Works over a connection of its own, outside of any pool: for what takes long, and sets its own limits of time.
 * Transactions are the caller's; one that is open at the end is rolled back by the server.
 * @throws GatewayError `database-unavailable`; whatever `work` throws
 */
export async function withOwnConnection<T>(
  databaseUrl: string,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    ...KEEP_ALIVE,
  })
  // What breaks while nothing is asked is told by the next question.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await work(client)
  } catch (error) {
    throw databaseError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
