import type { Pool } from '../db/pool.ts'
import { secondsWithoutTimestamp } from '../db/seal-dues.ts'
import { GatewayError } from '../domain/problem.ts'

/** Whether documents may be accepted although no timestamp may be had for their seals for a while. */
export interface Timestamping {
  /** @throws GatewayError `timestamping-unavailable` where none was had for longer than the grace */
  require(): Promise<void>
}

/** An answer is believed for this long, so that it costs a busy door nothing. */
const BELIEVED_MS = 1_000
const RETRY_AFTER_SECONDS = 60

/**
 * Documents are accepted without a timestamp authority for `graceSeconds`. These run from the acceptance of the oldest
 * document whose timestamp is owed, or from the last timestamp that was had, whichever is later: so they also run where
 * none was ever had, and end with the first that is. All of it stands in the database, by its clock: a restart changes
 * nothing.
 */
export function timestamping(
  pool: Pool,
  graceSeconds: number,
  monotonicNow: () => number = () => performance.now(),
): Timestamping {
  let last: { readonly at: number; readonly seconds: Promise<number | null> } | undefined
  const secondsWithout = (): Promise<number | null> => {
    const now = monotonicNow()
    if (last === undefined || now - last.at >= BELIEVED_MS) {
      const seconds = secondsWithoutTimestamp(pool)
      last = { at: now, seconds }
      // What could not be asked is asked again by the next.
      seconds.catch(() => {
        if (last?.seconds === seconds) last = undefined
      })
    }
    return last.seconds
  }
  return {
    async require() {
      const seconds = await secondsWithout()
      if (seconds === null || seconds <= graceSeconds) return
      throw new GatewayError('timestamping-unavailable', {
        retryAfter: RETRY_AFTER_SECONDS,
        detail: {
          vi: `Không lấy được dấu thời gian từ ${Math.floor(seconds)} giây; cho phép ${graceSeconds} giây.`,
          en: `No timestamp could be had for ${Math.floor(seconds)} seconds; ${graceSeconds} are allowed.`,
        },
      })
    },
  }
}
