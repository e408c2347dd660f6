import { setTimeout as pause } from 'node:timers/promises'

const RETRY_AFTER_MS = 1_000
const MOST_RETRIES = 120

/** Somebody held a lock for too long, or waited for one of ours while we waited for his. */
const LOCKED = ['55P03', '40P01']

const isLocked = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && LOCKED.some((code) => code === error.code)

/**
 * Does what others' locks may stand in the way of, again a second after each time that they did, up to 120 times.
 * @param beforeRetry told what happened; puts right what a cut-off attempt leaves behind
 * @throws Error where it stays locked, with the last error as its cause; whatever else `work` throws
 */
export async function untilUnlocked<T>(
  work: () => Promise<T>,
  beforeRetry: (error: Error) => Promise<void>,
): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isLocked(error)) throw error
      if (retries >= MOST_RETRIES)
        throw new Error(`stayed locked by others, ${retries + 1} times: ${error.message}`, { cause: error })
      await beforeRetry(error)
      await pause(RETRY_AFTER_MS)
    }
  }
}
