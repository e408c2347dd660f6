import type { Credentials } from '../../scripts/demo/http-client.ts'
import { createPool } from '../../src/db/pool.ts'
import { createClient } from '../../src/directory/clients.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { callerOf, seedAgencies, TEST_AGENCIES } from './gateway.ts'

/** Puts the test agencies into a database, each with a client; answers the clients' credentials by agency code. */
export async function createAgencies(databaseUrl: string): Promise<Map<string, Credentials>> {
  const pool = createPool({ databaseUrl, max: 2, applicationName: 'test', onError: () => {} })
  try {
    await seedAgencies(pool)
    const credentials = new Map<string, Credentials>()
    for (const { code, name } of TEST_AGENCIES) {
      const { clientId } = callerOf(code)
      const client = { clientId, role: 'agency' as const, agency: agencyCode(code), name: `DMS ${name}` }
      const { secret } = await createClient(pool, client, 'test')
      credentials.set(code, { clientId, clientSecret: secret ?? '' })
    }
    return credentials
  } finally {
    await pool.end()
  }
}
