import { setTimeout as delay } from 'node:timers/promises'
import type { WorkerContext } from '../context.ts'
import { listDamage } from '../db/damaged-blobs.ts'
import { openLeadership } from '../db/leader.ts'
import type { Pool } from '../db/pool.ts'
import { type LookForMended, looksForMended } from '../receipts/look-for-mended.ts'

/** No connector can have this name, by whose hash the lock is known. */
const LEADS = 'damaged blobs'
/** Between two looks: the disk has others to serve. */
const REST_MS = 30_000

/**
 * Looks again at what was found damaged, for as long as anything is: of all workers one at a time, for they would all read the
 * disk that fails. It holds no connection while nothing is damaged. What it looked at is safe to look at twice.
 */
export function mendedRound(
  {
    config,
    pool,
    blobs,
    worker,
    log,
  }: Pick<WorkerContext, 'pool' | 'blobs' | 'worker' | 'log'> & {
    readonly config: Pick<WorkerContext['config'], 'databaseUrl'>
  },
  onProgress: () => void,
  ending: AbortSignal,
): () => Promise<void> {
  const look = looksForMended({ pool, blobs, actor: worker }, { onProgress })
  return async () => {
    if (!(await isAnyKnown(pool))) return
    const leadership = openLeadership(config.databaseUrl, (error) =>
      log.warn({ err: error }, 'the lock on damaged blobs is lost; another worker looks at them'),
    )
    try {
      await leadership.lead(LEADS, (lost) =>
        lookUntilMended(pool, look, onProgress, AbortSignal.any([lost, ending])),
      )
    } finally {
      await leadership.close()
    }
  }
}

async function lookUntilMended(
  pool: Pool,
  look: LookForMended,
  onProgress: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await look(signal)
    if (signal.aborted || !(await isAnyKnown(pool))) return
    onProgress()
    await delay(REST_MS, undefined, { signal }).catch(() => undefined)
    onProgress()
  }
}

const isAnyKnown = async (pool: Pool): Promise<boolean> => (await listDamage(pool, '', 1)).length > 0
