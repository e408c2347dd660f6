import type { Logger } from 'pino'
import { type DeliverDependencies, deliver } from '../delivery/deliver.ts'
import { deliveryKey, isUuid } from '../domain/identifiers.ts'

/**
 * One job of a deliver queue: an attempt at the delivery that it names. An error is logged and not thrown: the lease
 * runs out, and the reconciler finds the delivery again.
 */
export async function deliverJob(
  dependencies: DeliverDependencies,
  log: Logger,
  delivery: string,
  signal: AbortSignal,
): Promise<void> {
  if (!isUuid(delivery)) return log.error({ delivery }, 'a job names no delivery')
  try {
    const outcome = await deliver(dependencies, deliveryKey(delivery), signal)
    log.debug({ delivery, outcome }, 'delivery attempted')
  } catch (error) {
    log.warn({ err: error, delivery }, 'an attempt could not be made or settled')
  }
}
