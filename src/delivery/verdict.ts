import type { LeasedDelivery, Settlement } from '../db/leases.ts'
import type { AttemptState } from '../domain/attempt-state.ts'
import type { AuditEventKind } from '../domain/audit-event.ts'
import { isConnectorChannel } from '../domain/axis/connector.ts'
import type { ChannelFailure, SendResult, SendResults } from './channels/channel.ts'
import { blockedDelay, retryDelay } from './retry-policy.ts'

/** What a result means for the delivery, its attempt and the record. */
export interface Verdict {
  readonly settlement: Settlement
  readonly attempt: AttemptState
  readonly event: AuditEventKind
  readonly detail: unknown
  /** Why the channel can do no more for this delivery; another one may. */
  readonly gaveUp?: ChannelFailure
}

/**
 * @param attempts how many have been made, this one included
 * @param around `random` is a number in [0, 1), which spreads retries; `waited` the seconds for which the channel has had
 *   the delivery
 */
export function judge(attempts: number, result: SendResult, { random, waited = 0 }: JudgedAt): Verdict {
  if (result.outcome === 'available') {
    return {
      settlement: { state: 'available', retryAfter: null, reason: null, counts: true },
      attempt: 'succeeded',
      event: 'delivery-available',
      detail: result.detail ?? null,
    }
  }
  if (result.outcome === 'handed-on') {
    const { remoteId, detail } = result
    return {
      settlement: {
        state: 'handed-over',
        retryAfter: null,
        reason: null,
        counts: true,
        ...(remoteId !== '' && { remoteId }),
      },
      attempt: 'succeeded',
      event: 'delivery-handed-on',
      detail: { remoteId, ...detail },
    }
  }
  if (result.outcome === 'refused') return givenUp(result.failure, 'permanent-failure', false)
  if (result.ours) return lacking(result.failure, random, result.retryAfter)
  const ask = result.retryAfter
  const delay = result.blocked ? blockedDelay(waited, random, ask) : retryDelay(attempts, random, ask)
  if (delay === null) return givenUp(result.failure, 'retryable-failure', true)
  return {
    settlement: { state: 'waiting', retryAfter: delay, reason: result.failure, counts: !result.blocked },
    attempt: 'retryable-failure',
    event: 'delivery-attempt-failed',
    detail: result.failure,
  }
}

export interface JudgedAt {
  readonly random: number
  readonly waited?: number
}

/** Of a consignment that was too much for one attempt. */
export const NOT_TRIED: ChannelFailure = {
  code: 'not-tried',
  explanation: { vi: 'Chưa đến lượt trong lần chuyển này', en: 'This attempt did not come to it' },
}

const givenUp = (failure: ChannelFailure, attempt: AttemptState, exhausted: boolean): Verdict => ({
  settlement: { state: 'failed', retryAfter: null, reason: { ...failure, exhausted }, counts: true },
  attempt,
  event: 'delivery-failed',
  detail: failure,
  gaveUp: failure,
})

/** The gateway itself cannot use the channel: the delivery waits, however long, unless another channel is left. */
const lacking = (failure: ChannelFailure, random: number, retryAfter = 60): Verdict => ({
  settlement: { state: 'waiting', retryAfter: retryAfter * (1 + random / 5), reason: failure, counts: false },
  attempt: 'retryable-failure',
  event: 'delivery-attempt-failed',
  detail: failure,
  gaveUp: failure,
})

/** The gateway itself broke the attempt off: due again at once, and the recipient is not charged with it. */
export const interrupted = (failure: ChannelFailure): Verdict => ({
  settlement: { state: 'waiting', retryAfter: 0, reason: failure, counts: false },
  attempt: 'retryable-failure',
  event: 'delivery-attempt-failed',
  detail: failure,
})

/** Worker after worker took the delivery and never came back: given up, so that it takes no more of them. */
export function deadly(workers: number): Pick<Verdict, 'settlement' | 'event' | 'detail'> {
  const failure: ChannelFailure = {
    code: 'workers-died',
    explanation: {
      vi: `${workers} tiến trình liên tiếp đã chết khi đang chuyển văn bản này`,
      en: `${workers} workers in a row died while they were sending this`,
    },
    detail: { workers },
  }
  return {
    settlement: {
      state: 'failed',
      retryAfter: null,
      reason: { ...failure, exhausted: false },
      counts: false,
    },
    event: 'delivery-failed',
    detail: failure,
  }
}

/** What a worker brings back from a channel. */
export interface Sent {
  readonly results: SendResults
  /** Whether the gateway had reason to break the attempt off: it is stopping, or the lease was lost. */
  readonly brokenOff: boolean
}

/** What a worker's attempt means for one of its deliveries, as that was when the lease was taken. */
export function verdictOn(
  delivery: LeasedDelivery,
  { results, brokenOff }: Sent,
  { now, random }: { readonly now: Date; readonly random: number },
): Verdict {
  const result: SendResult | undefined = 'outcome' in results ? results : results.get(delivery.key)
  if (result === undefined) return withTraces(interrupted(NOT_TRIED), delivery, true)
  const verdict =
    brokenOff && result.outcome === 'retry'
      ? interrupted(result.failure)
      : judge(delivery.attempts + 1, result, { random, waited: waitedSeconds(delivery, now) })
  return withTraces(verdict, delivery, 'notTaken' in result && result.notTaken === true)
}

/** Seconds for which its present channel has had it. */
function waitedSeconds({ stateSince, route }: LeasedDelivery, now: Date): number {
  const moved = route.rerouted?.at(-1)?.at
  const since = Math.max(stateSince.getTime(), moved === undefined ? 0 : Date.parse(moved))
  return (now.getTime() - since) / 1_000
}

/**
 * Whether another exchange may hold it. Only where nobody can have taken it, now or before, may it go another way: two
 * ways would bring it twice.
 */
function withTraces(verdict: Verdict, { channel, mayHaveLeft }: LeasedDelivery, notTaken: boolean): Verdict {
  if (!isConnectorChannel(channel) || verdict.settlement.state === 'handed-over') return verdict
  if (notTaken && !mayHaveLeft) {
    return { ...verdict, settlement: { ...verdict.settlement, mayHaveLeft: false } }
  }
  const { gaveUp: _nowhereElse, ...rest } = verdict
  return rest
}
