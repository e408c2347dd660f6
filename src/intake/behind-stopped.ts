import type { NewDelivery } from '../db/write-deliveries.ts'
import type { Effects } from '../domain/effects.ts'
import type { AgencyCode, DocumentKey } from '../domain/identifiers.ts'

/** Milliseconds that another exchange may take over a packet of which the sending was broken off. */
const SETTLING_MS = 10_000

type Wait = Pick<NewDelivery, 'firstAttemptAt' | 'waitsBecause'>

/**
 * Who is told of a packet that may be on its way at this moment is told afterwards: a worker may be sending it until its
 * lease ends, and a recall that came first would find nothing there.
 */
export function behindStopped(
  { stop }: Effects,
  reached: (code: AgencyCode) => AgencyCode | null,
  now: Date,
): Map<AgencyCode, Wait> {
  const waits = new Map<AgencyCode, Date>()
  for (const { recipient, leaseUntil } of stop) {
    const told = reached(recipient)
    if (told === null || leaseUntil === null || leaseUntil <= now) continue
    const until = new Date(leaseUntil.getTime() + SETTLING_MS)
    const known = waits.get(told)
    if (known === undefined || known < until) waits.set(told, until)
  }
  return new Map([...waits].map(([code, firstAttemptAt]) => [code, { firstAttemptAt, waitsBecause: REASON }]))
}

const REASON = {
  code: 'behind-stopped',
  explanation: {
    vi: 'Chờ lần chuyển trước đó sang trục khác kết thúc',
    en: 'It waits until what was being sent to another exchange before it has come to an end',
  },
}

/** Why a delivery ends of which nobody knows whether it arrived. */
export const stopReason = (by: DocumentKey) => ({
  by,
  code: 'may-have-left',
  explanation: {
    vi: 'Ngừng chuyển: trục khác có thể đã nhận, nên bên nhận cũng được thông báo',
    en: 'No more attempts: another exchange may have it, so that the recipient is told, too',
  },
})
