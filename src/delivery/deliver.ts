import { recordEvents } from '../audit/record-events.ts'
import { closeAttempt, openAttempt } from '../db/attempts.ts'
import {
  endpointUrl,
  type LeasedDelivery,
  renewLease,
  type Settlement,
  settleLease,
  takeLease,
} from '../db/leases.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { AttemptState } from '../domain/attempt-state.ts'
import type { AuditEventKind } from '../domain/audit-event.ts'
import type { AgencyCode, DeliveryKey } from '../domain/identifiers.ts'
import type { Consignment, SendResult } from './channels/channel.ts'
import type { Channels } from './channels/index.ts'
import { retryDelay } from './retry-policy.ts'

export interface DeliverDependencies {
  readonly pool: Pool
  readonly channels: Channels
  /** Names this process in attempts. */
  readonly worker: string
  /** Seconds that a delivery stays with a worker which gives no sign of life. */
  readonly leaseSeconds: number
  /** Tells waiting readers of an inbox that something new lies in it. */
  readonly wakeInbox: (agency: AgencyCode) => void
}

export type DeliverOutcome = 'nothing-to-do' | 'settled' | 'superseded'

/**
 * One attempt at one delivery: take the lease, send outside any transaction, settle. Called twice, late, or by two
 * workers at once it still has one effect, for every write after the lease asks for the lease's epoch.
 */
export async function deliver(
  dependencies: DeliverDependencies,
  key: DeliveryKey,
  signal: AbortSignal,
): Promise<DeliverOutcome> {
  const consignment = await take(dependencies, key)
  if (consignment === null) return 'nothing-to-do'
  dependencies.wakeInbox(consignment.delivery.recipient)
  const result = await sendUnderLease(dependencies, consignment, signal)
  return settle(dependencies, consignment.delivery, result)
}

function take(
  { pool, worker, leaseSeconds }: DeliverDependencies,
  key: DeliveryKey,
): Promise<Consignment | null> {
  return inTransaction(pool, async (db) => {
    const delivery = await takeLease(db, key, leaseSeconds)
    if (delivery === null) return null
    await openAttempt(db, { delivery: key, epoch: delivery.leaseEpoch, channel: delivery.channel, worker })
    return { delivery, endpointUrl: await endpointUrl(db, delivery.recipient) }
  })
}

/** A lease is short, so that a dead worker's deliveries are taken over soon; a living worker renews it. */
async function sendUnderLease(
  { pool, channels, leaseSeconds }: DeliverDependencies,
  consignment: Consignment,
  signal: AbortSignal,
): Promise<SendResult> {
  const { key, leaseEpoch, channel } = consignment.delivery
  const lost = new AbortController()
  const renewal = setInterval(
    () => {
      renewLease(pool, key, leaseEpoch, leaseSeconds).then(
        (kept) => kept || lost.abort(),
        () => undefined,
      )
    },
    (leaseSeconds * 1000) / 3,
  )
  try {
    return await channels[channel].send(consignment, AbortSignal.any([signal, lost.signal]))
  } finally {
    clearInterval(renewal)
  }
}

interface Verdict {
  readonly settlement: Settlement
  readonly attempt: AttemptState
  readonly event: AuditEventKind
  readonly detail: unknown
}

function settle(
  { pool, worker }: DeliverDependencies,
  delivery: LeasedDelivery,
  result: SendResult,
): Promise<DeliverOutcome> {
  const verdict = judge(delivery, result)
  return inTransaction(pool, async (db) => {
    const settled = await settleLease(db, delivery.key, delivery.leaseEpoch, verdict.settlement)
    const attempt = settled ? verdict.attempt : 'superseded'
    await closeAttempt(db, delivery.key, delivery.leaseEpoch, attempt, verdict.detail)
    if (!settled) return 'superseded'
    await recordEvents(db, [
      {
        kind: verdict.event,
        actor: worker,
        agency: delivery.recipient,
        document: delivery.document,
        delivery: delivery.key,
        detail: { attempt: delivery.attempts, channel: delivery.channel, result: verdict.detail },
      },
    ])
    return 'settled'
  })
}

/** What a result means for the delivery, its attempt and the record. */
function judge(delivery: LeasedDelivery, result: SendResult): Verdict {
  if (result.outcome === 'available') {
    return {
      settlement: { state: 'available', retryAfter: null, reason: null },
      attempt: 'succeeded',
      event: 'delivery-available',
      detail: result.detail ?? null,
    }
  }
  const { failure } = result
  const delay =
    result.outcome === 'retry' ? retryDelay(delivery.attempts, Math.random(), result.retryAfter) : null
  if (delay === null) {
    const exhausted = result.outcome === 'retry'
    return {
      settlement: { state: 'failed', retryAfter: null, reason: { ...failure, exhausted } },
      attempt: exhausted ? 'retryable-failure' : 'permanent-failure',
      event: 'delivery-failed',
      detail: failure,
    }
  }
  return {
    settlement: { state: 'waiting', retryAfter: delay, reason: failure },
    attempt: 'retryable-failure',
    event: 'delivery-attempt-failed',
    detail: failure,
  }
}
