import type { Pool } from '../db/pool.ts'
import type { DraftDependencies } from '../directory/drafts/dependencies.ts'
import { readRegistry } from '../directory/snapshot/read-registry.ts'
import { usableChannels } from './with-database.ts'

/** What drafts are judged with by a command: it reads the registry once, when it is asked for. */
export const draftDependencies = (pool: Pool): DraftDependencies => ({
  pool,
  registry: { upToDate: readRegistry },
  usable: usableChannels(),
  allowHttp: false,
})
