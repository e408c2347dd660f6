import type { Logger } from 'pino'
import type { WorkerContext } from '../context.ts'
import { databaseNow } from '../db/now.ts'
import { type Swept, sweepInFlight } from '../delivery/in-flight/sweep.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'

/** How long a sweep holds while neither the day nor the directory changes: what was accepted meanwhile may be late. */
const AGAIN_AFTER_MS = 30_000

/**
 * One look at whether agencies have closed: at once where a day or a revision of the directory has begun, and every half
 * minute for what was accepted or retried around that time.
 */
export function inFlightRound(
  {
    pool,
    registry,
    usable,
    worker,
    log,
  }: Pick<WorkerContext, 'pool' | 'registry' | 'usable' | 'worker' | 'log'>,
  onProgress: () => void,
  signal: AbortSignal,
): () => Promise<void> {
  let swept: { readonly state: string; readonly at: number } | undefined
  return async () => {
    const state = `${registry.current().directory.revision} ${vietnamDay(await databaseNow(pool))}`
    if (swept?.state === state && performance.now() - swept.at < AGAIN_AFTER_MS) return
    const dependencies = { pool, registry, usable, actor: worker }
    const result = await sweepInFlight(dependencies, { signal, onProgress })
    if (result === undefined) return
    tell(log, result)
    swept = { state, at: performance.now() }
  }
}

function tell(log: Logger, swept: Swept): void {
  if (Object.values(swept).some((count) => count > 0)) log.info(swept, 'deliveries to agencies that closed')
}
