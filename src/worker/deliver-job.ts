import type { Logger } from 'pino'
import { type Addressee, findAddressee } from '../db/leases.ts'
import { findNextNotice } from '../db/outbox.ts'
import { type DeliverDependencies, deliver } from '../delivery/deliver.ts'
import { type DeliveryKey, deliveryKey, isUuid } from '../domain/identifiers.ts'
import { lineOf } from './line-of.ts'
import type { RecipientLines, Turn } from './recipient-lines.ts'

/** Others may take what comes first just before us. */
const MOST_TRIES = 3

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
  signal: AbortSignal,
): Promise<boolean> {
  if (!isUuid(delivery)) {
    log.error({ delivery }, 'a job names no delivery')
    return false
  }
  const key = deliveryKey(delivery)
  const { pool, registry } = dependencies
  /** Returns whether there was anything to do. */
  const attempt = async (one: DeliveryKey): Promise<boolean> => {
    try {
      const outcome = await deliver(dependencies, one, signal)
      log.debug({ delivery: one, outcome }, 'delivery attempted')
      return outcome !== 'nothing-to-do'
    } catch (error) {
      log.warn({ err: error, delivery: one }, 'an attempt could not be made or settled')
      return true
    }
  }
  /** A place for a recipient who is to be told is for what he is to be told of first, whatever the job says. */
  const tell = async (turn: Turn): Promise<void> => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const next = await findNextNotice(pool, key)
      if (next === null) return
      if (next !== key) lines.giveWay(key, turn)
      if (await attempt(next)) return
    }
  }
  const inTurn = ({ channel, urgency }: Addressee, line: string): Promise<boolean> => {
    const turn = { line, urgency }
    const work = () => (channel === 'https-push' ? tell(turn) : attempt(key).then(() => undefined))
    return lines.enter(key, turn, work)
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
