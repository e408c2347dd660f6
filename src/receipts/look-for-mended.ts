import { listDamage } from '../db/damaged-blobs.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { type DamageDependencies, recordMended } from './damaged-blobs.ts'

/** Milliseconds after which no further blob is begun: a disk that fails is slow for everybody who reads it. */
const LONGEST_MS = 10_000
/** Milliseconds between two signs of life while a read is waited for. */
const SIGNS_MS = 5_000
const PAGE = 100

export interface LookOptions {
  /** Told of each piece that was read, and again and again while one is waited for. */
  readonly onProgress: () => void
  readonly longestMs?: number
  readonly signsMs?: number
}

/** @param signal ends it at once, also amid a blob. Returns how many blobs were whole again. */
export type LookForMended = (signal: AbortSignal) => Promise<number>

/**
 * Looks at what is known to be damaged, blob after blob, and takes off the record what is whole again. A look is bounded in
 * time, and the next one goes on behind the last blob that was begun, also where that one could not be read; behind the last
 * of all it begins anew.
 * @throws GatewayError `storage-unavailable`, `database-unavailable`
 */
export function looksForMended(
  dependencies: DamageDependencies,
  { onProgress, longestMs = LONGEST_MS, signsMs = SIGNS_MS }: LookOptions,
): LookForMended {
  let after = ''
  return async (signal) => {
    const deadline = performance.now() + longestMs
    let mended = 0
    for (;;) {
      const known = await listDamage(dependencies.pool, after, PAGE)
      for (const { blob } of known) {
        if (signal.aborted) return mended
        after = blob
        const isWhole = await examine(dependencies, blob, { onProgress, signsMs, signal })
        if (isWhole && (await recordMended(dependencies, blob))) mended += 1
        onProgress()
        if (performance.now() >= deadline) return mended
      }
      if (known.length < PAGE) {
        after = ''
        return mended
      }
    }
  }
}

interface ExamineOptions extends Required<Pick<LookOptions, 'onProgress' | 'signsMs'>> {
  readonly signal: AbortSignal
}

/**
 * Whether a blob is whole; false also where that is not waited for any more. A read that hangs hangs in the kernel, and a new
 * process would wait for it just as long: that is no reason to end this one.
 */
async function examine(
  { blobs }: Pick<DamageDependencies, 'blobs'>,
  blob: Sha256,
  { onProgress, signsMs, signal }: ExamineOptions,
): Promise<boolean> {
  let end: () => void = () => undefined
  const ended = new Promise<false>((resolve) => {
    end = () => resolve(false)
  })
  signal.addEventListener('abort', end)
  const signs = setInterval(onProgress, signsMs)
  const pace = async () => {
    signal.throwIfAborted()
    onProgress()
  }
  try {
    return await Promise.race([blobs.examine(blob, pace).then(({ damage }) => damage === null), ended])
  } finally {
    clearInterval(signs)
    signal.removeEventListener('abort', end)
  }
}
