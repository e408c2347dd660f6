import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { migrate } from '../../src/db/migrate.ts'
import type { Teardown } from './temporary-folder.ts'
import { testServer } from './test-server.ts'

export interface TestDatabase {
  readonly name: string
  readonly url: string
}

const MIGRATIONS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url))

/** A database of its own with this release's schema, dropped after the test with whoever is still connected to it. */
export async function createTestDatabase(t: Teardown): Promise<TestDatabase> {
  const server = await testServer()
  const name = `tram_test_${randomBytes(8).toString('hex')}`
  await withClient(server, async (client) => {
    const template = await ensureTemplate(client, server)
    await client.query(`create database ${name} template ${template}`)
  })
  t.teardown(() =>
    withClient(server, (client) => client.query(`drop database if exists ${name} with (force)`)),
  )
  return { name, url: addressOf(server, name) }
}

function addressOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const LOCK = 'select pg_advisory_lock(hashtext($1))'
const UNLOCK = 'select pg_advisory_unlock(hashtext($1))'
const IS_FINISHED = 'select 1 from pg_database where datname = $1 and datistemplate'

/**
 * The migrations run once per server and state of the schema: the template is named by what they hold. Only a finished
 * one is marked as a template, so one that was cut off is made anew; the lock keeps test files from making it twice.
 */
async function ensureTemplate(client: pg.Client, server: string): Promise<string> {
  const template = `tram_template_${await schemaHash()}`
  await client.query(LOCK, [template])
  try {
    const { rowCount } = await client.query(IS_FINISHED, [template])
    if (rowCount === 1) return template
    await client.query(`drop database if exists ${template} with (force)`)
    await client.query(`create database ${template}`)
    await migrate(addressOf(server, template))
    await client.query(`alter database ${template} with is_template true allow_connections false`)
    return template
  } finally {
    await client.query(UNLOCK, [template])
  }
}

async function schemaHash(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(MIGRATIONS)).sort()) {
    hash.update(`${name}\n`).update(await readFile(join(MIGRATIONS, name)))
  }
  return hash.digest('hex').slice(0, 16)
}
