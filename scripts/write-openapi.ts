import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../src/config.ts'
import { createApiContext } from '../src/context.ts'
import type { Role } from '../src/domain/caller.ts'
import { buildApp } from '../src/http/app.ts'
import { DOOR_PREFIXES } from '../src/http/auth/audience.ts'
import { devEnvironment } from './dev-environment.ts'

/* npm run openapi: writes what the doors say of themselves to schemas/openapi. Needs no database. */

const SCHEMAS = fileURLToPath(new URL('../schemas/openapi', import.meta.url))
const NOWHERE = 'postgres://127.0.0.1:1/none'

const folder = await mkdtemp(join(tmpdir(), 'tram-openapi-'))
try {
  const { variables } = await devEnvironment({ folder, databaseUrl: NOWHERE, redisUrl: null })
  const context = await createApiContext(loadConfig('api', { ...variables, TRAM_LOG_LEVEL: 'silent' }))
  const app = await buildApp(context)
  for (const role of Object.keys(DOOR_PREFIXES) as Role[]) {
    const { body } = await app.inject(`${DOOR_PREFIXES[role]}/openapi.json`)
    await writeFile(join(SCHEMAS, `${role}.json`), `${JSON.stringify(JSON.parse(body), null, 2)}\n`)
  }
  await app.close()
  await context.close()
} finally {
  await rm(folder, { recursive: true, force: true })
}
