import { createHash } from 'node:crypto'
import { rename, stat } from 'node:fs/promises'
import type { Sha256 } from '../domain/identifiers.ts'
import { blobPath, hasCode, readFile } from './files.ts'
import type { FolderSyncs } from './folder-syncs.ts'
import type { ReportIncident } from './store.ts'
import type { StoreTie } from './store-tie.ts'

/**
 * Bytes. A stored blob up to this length is read to see whether it is damaged; of a longer one only the length is
 * looked at. It is for the operators alone: the blob gets its bytes anew in any case.
 */
const READ_AGAIN_UP_TO = 16 * 1024 * 1024

/** What the stages of one store share. */
export interface StoreOfStages {
  readonly root: string
  readonly folders: FolderSyncs
  readonly report: ReportIncident
  readonly tie: StoreTie
  /** The folder is the store that it is taken for, and durably there. @throws GatewayError as `StoreTie.hold` */
  ready(): Promise<void>
}

/**
 * Gives a file, whose bytes were just hashed and synced, the name of its blob, durably. Where the name is taken the file
 * takes the other's place: that costs nothing, mends what is damaged, and makes the blob young, so that nobody takes it
 * for one that is not needed.
 */
export async function placeBlob(store: StoreOfStages, temporary: string, blob: Sha256): Promise<void> {
  await moveIn(store, temporary, blob).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error
    // Known to have been there, and gone.
    store.folders.forget(blob)
    return moveIn(store, temporary, blob)
  })
  await store.folders.settle(blob)
}

async function moveIn(
  { root, folders, report }: StoreOfStages,
  temporary: string,
  blob: Sha256,
): Promise<void> {
  const stored = blobPath(root, blob)
  const isNew = await folders.make(blob)
  const damage = isNew ? null : await findDamage(temporary, stored, blob)
  await rename(temporary, stored)
  if (damage !== null) report({ kind: 'damaged-blob-replaced', blob, detail: damage })
}

/** What is wrong with the stored blob, in words for operators; null where nothing is known to be. */
async function findDamage(temporary: string, stored: string, blob: Sha256): Promise<string | null> {
  try {
    const theirs = await stat(stored, { bigint: true })
    const ours = await stat(temporary, { bigint: true })
    if (ours.ino === theirs.ino && ours.dev === theirs.dev) return null
    if (ours.size !== theirs.size) return `${theirs.size} bytes instead of ${ours.size}`
    if (ours.size > READ_AGAIN_UP_TO) return null
    const hash = createHash('sha256')
    for await (const chunk of readFile(stored)) hash.update(chunk)
    return hash.digest('hex') === blob ? null : 'other bytes'
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    return `unreadable: ${error instanceof Error ? error.message : String(error)}`
  }
}
