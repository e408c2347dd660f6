import type { Logger } from 'pino'
import { type Addressee, findAddressee } from '../db/leases.ts'
import { findNextNotice } from '../db/outbox.ts'
import { type DeliverDependencies, deliver } from '../delivery/deliver.ts'
import { NotTaken } from '../delivery/not-taken.ts'
import { type DeliveryKey, deliveryKey, isUuid } from '../domain/identifiers.ts'
import { lineOf } from './line-of.ts'
import type { RecipientLines, Turn } from './recipient-lines.ts'

/**
 * Milliseconds for which a place stays with a recipient who answers quickly, and how many attempts that may be: each way
 * through the queue takes longer than an attempt, and others have their turn soon.
 */
const STAY_MS = 500
const MOST_IN_ONE_STAY = 50

export interface JobSignals {
  /** Breaks off what is under way. */
  readonly signal: AbortSignal
  /** From then on nothing more is begun. */
  readonly ending: AbortSignal
}

/**
 * One job of a deliver queue: an attempt at the delivery that it names, or a place in its recipient's line. Returns
 * whether a recipient's place became free. An error is logged and not thrown: the lease runs out, and the reconciler
 * finds the delivery again.
 */
export async function deliverJob(
  dependencies: DeliverDependencies,
  lines: RecipientLines,
  log: Logger,
  delivery: string,
  { signal, ending }: JobSignals,
): Promise<boolean> {
  if (!isUuid(delivery)) {
    log.error({ delivery }, 'a job names no delivery')
    return false
  }
  const key = deliveryKey(delivery)
  const { pool, registry } = dependencies
  /** Returns whether it was made, and settled. */
  const attempt = async (one: DeliveryKey): Promise<boolean> => {
    try {
      const outcome = await deliver(dependencies, one, signal)
      log.debug({ delivery: one, outcome }, 'delivery attempted')
      return true
    } catch (error) {
      const isLasting = error instanceof NotTaken && error.isLasting
      log[isLasting ? 'error' : 'warn'](
        { err: error, delivery: one },
        'an attempt could not be made or settled',
      )
      return false
    }
  }
  /** A place for a recipient who is to be told is for what he is to be told of first, whatever the job says. */
  const tell = async (turn: Turn): Promise<void> => {
    const until = performance.now() + STAY_MS
    let made = false
    for (let left = MOST_IN_ONE_STAY; left > 0; left -= 1) {
      const next = await findNextNotice(pool, key)
      if (next === null) return
      made ||= next === key
      if (!made) lines.giveWay(key, turn)
      if (!(await attempt(next))) {
        // One that cannot be taken at all, as where its row is damaged, may not stand before all others for ever.
        if (!made) await attempt(key)
        return
      }
      if (ending.aborted || performance.now() >= until) return
    }
  }
  const inTurn = ({ channel, urgency }: Addressee, line: string): Promise<boolean> => {
    const turn = { line, urgency }
    const alone = async () => void (await attempt(key))
    return lines.enter(key, turn, channel === 'https-push' ? () => tell(turn) : alone)
  }
  try {
    const addressee = await findAddressee(pool, key)
    if (addressee === undefined) return false
    const line = lineOf(addressee, registry.current())
    if (line !== null) return await inTurn(addressee, line)
    await attempt(key)
  } catch (error) {
    log.warn({ err: error, delivery }, 'a delivery could not be read')
  }
  return false
}
