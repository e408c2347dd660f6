import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeServiceData } from '../../scripts/services/index.ts'
import { startPostgres } from '../../scripts/services/postgres.ts'

let server: Promise<string> | null = null

/**
 * The address of the PostgreSQL of this run: DATABASE_URL, as with-services gives it, or a server of this test file's
 * own where the file is run by itself.
 */
export function testServer(): Promise<string> {
  server ??= process.env.DATABASE_URL ? Promise.resolve(process.env.DATABASE_URL) : startOwn()
  return server
}

async function startOwn(): Promise<string> {
  // Loaded only here: it ends whoever loads it after half a minute, also a script that only borrows a gateway.
  const { default: t } = await import('tap')
  const folder = await mkdtemp(join(tmpdir(), 'tram-test-'))
  const postgres = await startPostgres({ folder })
  t.teardown(async () => {
    await postgres.stop()
    await removeServiceData(folder)
  })
  return postgres.url
}
