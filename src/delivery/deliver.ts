import { hastenNotices } from '../db/hasten.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import { passStep } from '../step.ts'
import type { Consignment } from './channels/channel.ts'
import type { Channels } from './channels/index.ts'
import type { EndpointReturns } from './endpoint-returns.ts'
import { notTaken } from './not-taken.ts'
import { sendUnderLease } from './send-under-lease.ts'
import { type SettleOutcome, settle } from './settle.ts'
import { type TakeDependencies, take } from './take.ts'
import type { Sent } from './verdict.ts'

export interface DeliverDependencies extends TakeDependencies {
  readonly channels: Channels
  /** Tells waiting readers of an inbox that something new lies in it. */
  readonly wakeInbox: (agency: AgencyCode) => void
  readonly endpointReturns: EndpointReturns
}

export type DeliverOutcome = 'nothing-to-do' | SettleOutcome

/**
 * One attempt at one delivery, and at those that go with it by the same connector: take the lease, send outside any
 * transaction, settle. Called twice, late, or by two workers at once it still has one effect, for every write after the
 * lease asks for the lease's epoch.
 * @throws GatewayError `database-unavailable`: the lease runs out, and the delivery is taken again; NotTaken: it waits
 */
export async function deliver(
  dependencies: DeliverDependencies,
  key: DeliveryKey,
  signal: AbortSignal,
): Promise<DeliverOutcome> {
  const consignment = await take(dependencies, key).catch((error: unknown) =>
    notTaken(dependencies.pool, key, error),
  )
  if (consignment === null) return 'nothing-to-do'
  passStep('claim-committed')
  const { inboxNumber, recipient } = consignment.delivery
  if (inboxNumber !== null) dependencies.wakeInbox(recipient)
  const sent = await sendUnderLease(dependencies, consignment, signal)
  passStep('send-done')
  const outcome = await settle(dependencies, consignment, sent)
  passStep('settle-committed')
  await welcomeBack(dependencies, consignment, sent)
  return outcome
}

/** An endpoint that answers again is told at once of everything that waits for it. */
async function welcomeBack(
  { pool, endpointReturns }: DeliverDependencies,
  { delivery, endpointUrl }: Consignment,
  { results, brokenOff }: Sent,
): Promise<void> {
  const isNotice = delivery.channel === 'https-push' && endpointUrl !== null
  if (!isNotice || brokenOff || !('outcome' in results)) return
  const { recipient, attempts } = delivery
  if (endpointReturns.saw(recipient, attempts, results)) await hastenNotices(pool, recipient)
}
