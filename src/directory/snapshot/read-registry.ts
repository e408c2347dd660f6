import { factsBetween, saidMoreThan } from '../../db/directory-facts.ts'
import { loadFacts } from '../../db/directory-load.ts'
import { databaseNow } from '../../db/now.ts'
import type { Queryable } from '../../db/pool.ts'
import { type RegistryHeads, readRegistryHeads } from '../../db/registry-heads.ts'
import { listTablesFrom } from '../../db/routing.ts'
import type { Registry } from './holder.ts'
import { DirectorySnapshot } from './snapshot.ts'

/** Facts that are read in one piece: where more were said, as where a new gateway is filled, pages are. */
const MOST_AT_ONCE = 20_000

/** A registry, and up to which revisions it has read. */
export interface ReadRegistry extends Registry {
  readonly heads: RegistryHeads
}

/** Directory and routing tables once, for a command that ends. @throws GatewayError `database-unavailable` */
export const readRegistry = (db: Queryable): Promise<ReadRegistry> => advanceRegistry(db, undefined)

/**
 * A registry as of what `db` sees now: what was written since `from` is read and added to it. Read whole where there is
 * none yet, or where the database has gone back: then it was restored from a copy.
 */
export async function advanceRegistry(db: Queryable, from: ReadRegistry | undefined): Promise<ReadRegistry> {
  const heads = await readRegistryHeads(db)
  const [directory, tables] = [
    await advanceDirectory(db, from?.directory, heads.directory),
    from?.heads.routing === heads.routing ? from.tables : await listTablesFrom(db, await databaseNow(db)),
  ]
  return { directory, tables, heads }
}

async function advanceDirectory(
  db: Queryable,
  from: DirectorySnapshot | undefined,
  head: number,
): Promise<DirectorySnapshot> {
  if (from?.revision === head) return from
  const isWhole = from === undefined || from.revision > head
  if (isWhole || (await saidMoreThan(db, MOST_AT_ONCE, from.revision, head)))
    return DirectorySnapshot.read(head, loadFacts(db, head))
  const { asserted, retracted } = await factsBetween(db, from.revision, head)
  return from.with(head, asserted, retracted)
}
