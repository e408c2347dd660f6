import { constants } from 'node:fs'
import { access, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { DirectoryStage, type KeepSmall } from './directory-stage.ts'
import { blobPath, hasCode, makeDurableFolder, readFile } from './files.ts'
import { FolderSyncs } from './folder-syncs.ts'
import { listOldBlobs, putBackCondemned, removeOldBlob } from './old-blobs.ts'
import { storageError, storing } from './storage-error.ts'
import type { BlobStore, ReportIncident } from './store.ts'
import { type StoreTie, UNTIED } from './store-tie.ts'
import { examineBlob, readVerified, readWhole, requireBlob } from './verified-read.ts'

/**
 * A blob store in a folder of the local file system. `incoming/` holds what is not yet committed, `condemned/` what is
 * being removed.
 * @param keepSmall where small blobs go instead: they are not found here then, and need no folder
 * @param tie whether the folder is the store that it is taken for; looked at before files are written, and where one is missed
 */
export function directoryBlobStore(
  root: string,
  report: ReportIncident = () => undefined,
  keepSmall: KeepSmall | null = null,
  tie: StoreTie = UNTIED,
): BlobStore {
  const incoming = join(root, 'incoming')
  const makeRoot = onceDone(() => makeDurableFolder(root))
  // The tie first: the folder of a volume that is not mounted is not made.
  const ready = () => storing(tie.hold().then(makeRoot))
  const shared = { root, folders: new FolderSyncs(root), report, tie, ready }
  return {
    async stage() {
      if (keepSmall === null) await ready()
      return new DirectoryStage(shared, incoming, keepSmall)
    },
    length: (blob) =>
      stat(blobPath(root, blob)).then(
        (found) => found.size,
        async (error: unknown) => {
          if (!hasCode(error, 'ENOENT')) throw storageError(error)
          await tie.look()
          return undefined
        },
      ),
    read: (blob, range) => readFile(blobPath(root, blob), range),
    readVerified: (blob) => Readable.from(readVerified(shared, blob)),
    readWhole: (blob, length) => readWhole(shared, blob, length),
    require: (blob, length) => requireBlob(shared, blob, length),
    examine: (blob, pace = async () => undefined) => examineBlob(shared, blob, pace),
    sweep: (olderThanMs) => storing(tie.hold().then(() => sweepStages(incoming, olderThanMs))),
    async listOld(olderThanMs, from, limit, until = null) {
      await tie.hold()
      await storing(putBackCondemned(root))
      return storing(listOldBlobs(root, olderThanMs, { from, limit, until }))
    },
    removeOld: (blob, olderThanMs) => storing(removeOldBlob(root, blob, olderThanMs)),
    async probe() {
      await tie.look()
      await storing(makeRoot().then(() => access(root, constants.W_OK)))
    },
  }
}

/** `work`, done once; a failure is forgotten, so that the next caller tries again. */
function onceDone(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work().catch((error: unknown) => {
      done = undefined
      throw error
    })
    return done
  }
}

/** Stages and files are left behind by processes that were killed. What is still being filled is younger than that. */
async function sweepStages(incoming: string, olderThanMs: number): Promise<number> {
  const names = await readdir(incoming).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  let swept = 0
  for (const name of names) {
    const folder = join(incoming, name)
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (Date.now() - mtimeMs <= olderThanMs) continue
    await rm(folder, { recursive: true, force: true })
    swept += 1
  }
  return swept
}
