import type { AdminDelivery } from '../db/admin-deliveries.ts'

/** Characters of a reason in one line of a table; `--json` has the whole. */
const LONGEST_REASON = 200

/** A delivery as one line of a table. Why it waits or has failed stands last, for it is the longest. */
export const deliveryRow = (
  delivery: Pick<
    AdminDelivery,
    'key' | 'state' | 'paused' | 'tier' | 'sender' | 'recipient' | 'attempts' | 'stateSince' | 'reason'
  >,
): (string | number | null)[] => [
  delivery.key,
  delivery.state,
  delivery.paused ? 'paused' : null,
  delivery.tier,
  delivery.sender,
  delivery.recipient,
  delivery.attempts,
  delivery.stateSince.toISOString(),
  reasonText(delivery.reason),
]

/** Reasons are JSON of several kinds: most have a code, and many an explanation in two languages. */
function reasonText(reason: unknown): string | null {
  if (typeof reason !== 'object' || reason === null) return null
  const code = 'code' in reason ? String(reason.code) : ''
  const explanation = 'explanation' in reason ? vietnamese(reason.explanation) : ''
  const text = `${code} ${explanation}`.replace(/\s+/g, ' ').trim()
  return [...text].slice(0, LONGEST_REASON).join('') || null
}

const vietnamese = (explanation: unknown): string =>
  typeof explanation === 'object' && explanation !== null && 'vi' in explanation ? String(explanation.vi) : ''
