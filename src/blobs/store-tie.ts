import { randomUUID } from 'node:crypto'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { claimStoreId, findStoreId } from '../db/blob-store-id.ts'
import type { Pool } from '../db/pool.ts'
import { inStatement } from '../db/transaction.ts'
import { isUuid } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { hasCode, linkOnce, makeDurableFolder, syncPath } from './files.ts'
import { storing } from './storage-error.ts'

/** A file at the root of a store, with its id. It goes where the store goes; a folder without it is an unmounted volume. */
const ID_FILE = 'store-id'
/** Milliseconds: submissions that come at once do not each read a file. */
const BELIEVED_MS = 1_000

/** Whether a folder is the store that belongs to the database. */
export interface StoreTie {
  /** Looks, unless it has within the last second. @throws as `look` */
  hold(): Promise<void>
  /** @throws GatewayError `storage-unavailable` where the folder is another, or none; `database-unavailable` */
  look(): Promise<void>
}

/** A folder that belongs to no database. */
export const UNTIED: StoreTie = { hold: async () => undefined, look: async () => undefined }

/**
 * @param makes whether the folder becomes the store of a database that knows none yet, as it is: new, or of a release
 *   before there were ids. Where it does not, such a database takes any folder.
 */
export function storeTie(pool: Pool, root: string, makes: boolean): StoreTie {
  let known: string | null = null
  let foundAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined
  const compare = async (): Promise<void> => {
    if (known !== null && (await readId(root)) === known) return
    // An operator may have said meanwhile that it is another. Asked first: who tells the database wrote the file before.
    known = await inStatement(pool, findStoreId)
    if (known === null && makes) {
      const made = await makeId(root)
      known = await inStatement(pool, (db) => claimStoreId(db, made))
    }
    if (known === null) return
    const found = await readId(root)
    if (found !== known) throw otherStore(root, found, known)
  }
  const look = () => {
    const begun = performance.now()
    looking ??= storing(compare())
      .then(
        () => {
          foundAt = begun
        },
        (error: unknown) => {
          foundAt = Number.NEGATIVE_INFINITY
          throw error
        },
      )
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  return { look, hold: async () => (performance.now() - foundAt < BELIEVED_MS ? undefined : look()) }
}

/**
 * Answers the id of a folder, as it is, which gets one, durably, where it has none. No database is told.
 * @throws GatewayError `storage-unavailable`, `storage-full`
 */
export const identifyStore = (root: string): Promise<string> => storing(makeId(root))

function otherStore(root: string, found: string | null, known: string): GatewayError {
  const has = found === null ? `has no file ${ID_FILE}` : `has the ${ID_FILE} ${found}`
  const cause = new Error(
    `${root} ${has}, and the blob store of this database is ${known}: mount its volume there, or have TRAM_BLOBS name it; if that store is lost for good, \`tram doctor --adopt-store\` takes this folder in its place`,
  )
  return new GatewayError('storage-unavailable', { cause, retryAfter: 5 })
}

/** The id of a store; null where there is no file, nor perhaps a folder. @throws Error where it holds no id */
async function readId(root: string): Promise<string | null> {
  const path = join(root, ID_FILE)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  })
  const id = text?.trim() ?? null
  if (id === null || isUuid(id)) return id
  throw new Error(
    `${path} holds no id: put it back from a copy of the store, or remove it and run \`tram doctor --adopt-store\``,
  )
}

/** The id of a store, which gets one, durably, where it has none. Who come at the same time agree on one. */
async function makeId(root: string): Promise<string> {
  await makeDurableFolder(root)
  const id = (await readId(root)) ?? (await writeId(root, randomUUID()))
  // Whoever wrote it may have died before it came to that.
  await syncPath(root)
  return id
}

/** Answers the id that is there: another process may have been first. */
async function writeId(root: string, id: string): Promise<string> {
  const temporary = join(root, `${ID_FILE}.${id}`)
  try {
    // No secret: commands of operators read it, too, under whichever user.
    const file = await open(temporary, 'wx', 0o644)
    try {
      await file.writeFile(`${id}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await linkOnce(temporary, join(root, ID_FILE))
  } finally {
    await rm(temporary, { force: true })
  }
  return (await readId(root)) ?? id
}
