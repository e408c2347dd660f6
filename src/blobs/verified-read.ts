import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import type { BlobDamage } from '../domain/blob-damage.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { blobPath, hasCode, readFile } from './files.ts'
import { storageError } from './storage-error.ts'
import type { Examined, Pace, ReportIncident } from './store.ts'
import type { StoreTie } from './store-tie.ts'

/** Seconds after which a reader may ask again: somebody has to bring the bytes back first. */
const RETRY_AFTER = 300

/** What is read from. */
export interface ReadStore {
  readonly root: string
  readonly report: ReportIncident
  readonly tie: StoreTie
}

/** What an error of the file system says about one blob; undefined where it speaks of the whole store. */
function damageOf(error: unknown): BlobDamage | undefined {
  if (hasCode(error, 'ENOENT')) return 'missing'
  return hasCode(error, 'EIO') || hasCode(error, 'EUCLEAN') ? 'unreadable' : undefined
}

/** Tells the operators of damage, and gives what a reader is told. */
export function damagedError(
  report: ReportIncident,
  blob: Sha256,
  damage: BlobDamage,
  error?: unknown,
): GatewayError {
  report({ kind: 'damaged-blob-found', blob, damage, detail: damage, error })
  const cause = new Error(`blob ${blob}: ${damage}`, { cause: error })
  return new GatewayError('content-damaged', { cause, retryAfter: RETRY_AFTER })
}

/** Whether these are the bytes that the blob is named by. */
export const isNamedBy = (bytes: Uint8Array, blob: Sha256): boolean =>
  createHash('sha256').update(bytes).digest('hex') === blob

/** Throws what an error of reading means. A blob is missing only where the store that it is missing from is there. */
async function refuseRead({ report, tie }: ReadStore, blob: Sha256, error: unknown): Promise<never> {
  const damage = damageOf(error)
  if (damage === undefined) throw storageError(error)
  if (damage === 'missing') await tie.look()
  throw damagedError(report, blob, damage, error)
}

/**
 * The bytes of a blob, of which the last are let go only when the whole is what it is named by: a rotten disk ends in a
 * broken download, and never in a wrong document.
 * @throws GatewayError `content-damaged`, `storage-unavailable`
 */
export async function* readVerified(store: ReadStore, blob: Sha256): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  const chunks: AsyncIterator<Uint8Array> = readFile(blobPath(store.root, blob))[Symbol.asyncIterator]()
  const next = () => chunks.next().catch((error: unknown) => refuseRead(store, blob, error))
  let held: Uint8Array | undefined
  try {
    for (let one = await next(); one.done !== true; one = await next()) {
      hash.update(one.value)
      if (held !== undefined) yield held
      held = one.value
    }
  } finally {
    await chunks.return?.()
  }
  if (hash.digest('hex') !== blob) throw damagedError(store.report, blob, 'other-bytes')
  if (held !== undefined) yield held
}

/** @throws GatewayError `content-damaged` where it is not there in its whole length or has other bytes, `storage-unavailable` */
export async function readWhole(store: ReadStore, blob: Sha256, length: number): Promise<Uint8Array> {
  await requireBlob(store, blob, length)
  return buffer(readVerified(store, blob))
}

/** @throws GatewayError `content-damaged` where it is not there in its whole length, `storage-unavailable` */
export async function requireBlob(store: ReadStore, blob: Sha256, length: number): Promise<void> {
  const { size } = await stat(blobPath(store.root, blob)).catch((error: unknown) =>
    refuseRead(store, blob, error),
  )
  if (size !== length) throw damagedError(store.report, blob, 'other-length')
}

/** Reads a blob to its end, at the given pace. @throws GatewayError `storage-unavailable` */
export async function examineBlob({ root, tie }: ReadStore, blob: Sha256, pace: Pace): Promise<Examined> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of readFile(blobPath(root, blob)) as AsyncIterable<Uint8Array>) {
      hash.update(chunk)
      bytes += chunk.length
      await pace(chunk.length)
    }
  } catch (error) {
    const damage = damageOf(error)
    if (damage === undefined) throw storageError(error)
    if (damage === 'missing') await tie.look()
    return { bytes, damage }
  }
  return { bytes, damage: hash.digest('hex') === blob ? null : 'other-bytes' }
}
