import type { Logger } from 'pino'
import { findAddressee } from '../db/leases.ts'
import { type DeliverDependencies, deliver } from '../delivery/deliver.ts'
import { deliveryKey, isUuid } from '../domain/identifiers.ts'
import { lineOf } from './line-of.ts'
import type { RecipientLines } from './recipient-lines.ts'

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
  const attempt = async () => {
    try {
      const outcome = await deliver(dependencies, key, signal)
      log.debug({ delivery, outcome }, 'delivery attempted')
    } catch (error) {
      log.warn({ err: error, delivery }, 'an attempt could not be made or settled')
    }
  }
  try {
    const addressee = await findAddressee(dependencies.pool, key)
    if (addressee === undefined) return false
    const line = lineOf(addressee, dependencies.registry.current())
    if (line !== null) return await lines.enter(key, { line, urgency: addressee.urgency }, attempt)
    await attempt()
  } catch (error) {
    log.warn({ err: error, delivery }, 'a delivery could not be read')
  }
  return false
}
