import type { Logger } from 'pino'
import type { WorkerContext } from '../context.ts'
import type { Lifted } from '../stamping/lift-due-seals.ts'
import { stampingRounds } from '../stamping/stamping-rounds.ts'

/** One round of lifting the seals that want timestamps and proofs; nothing where there is no authority to ask. */
export function stampingRound(
  context: WorkerContext,
  onProgress: () => void,
  signal: AbortSignal,
): () => Promise<void> {
  let round: (() => Promise<void>) | null | undefined
  return async () => {
    if (round === undefined) {
      const stamping = await context.stamping()
      round =
        stamping &&
        stampingRounds(
          { ...stamping.dependencies, signal },
          { onProgress, onBatch: (lifted) => signal.aborted || tell(context.log, lifted) },
        )
    }
    await round?.()
  }
}

function tell(log: Logger, { done, postponed, outage }: Lifted): void {
  if (done > 0) log.info({ seals: done }, 'seals lifted')
  for (const one of postponed) log.error(one, 'a seal could not be lifted; it is tried again later')
  if (outage !== undefined)
    log.warn({ err: outage }, 'seals wait: no timestamp or no store; it is tried again')
}
