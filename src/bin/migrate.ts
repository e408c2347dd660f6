import { loadConfig } from '../config.ts'
import { migrate as migrateDatabase } from '../db/migrate.ts'
import { migrateQueue } from '../queue/backend.ts'

/** `tram migrate`: brings database and queue to this release's schema. */
export async function migrate(): Promise<number> {
  const config = loadConfig('migrate')
  const onRetry = ({ message }: Error) => console.error(`${message}: again in a second`)
  const applied = await migrateDatabase(config.databaseUrl, undefined, { onRetry })
  await migrateQueue(config.queue)
  console.log(applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`)
  return 0
}
