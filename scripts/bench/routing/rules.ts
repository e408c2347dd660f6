import type { ChannelId } from '../../../src/domain/channel-id.ts'
import type { AgencyCode } from '../../../src/domain/identifiers.ts'
import type { TableRule } from '../../../src/domain/routing-rule.ts'
import type { TierCode } from '../../../src/domain/tier.ts'
import type { Urgency } from '../../../src/domain/urgency.ts'
import { pick, randomOf } from './random.ts'

export const DOCUMENT_TYPES = [
  'Công văn',
  'Quyết định',
  'Thông báo',
  'Báo cáo',
  'Tờ trình',
  'Kế hoạch',
] as const

/**
 * What a routing table of a full gateway is like: half of its rules about single recipients, the rest about what stands
 * beneath an agency, about kinds of document, senders and urgencies, and few about everybody. No two have the same
 * conditions.
 */
export function tableOf(
  count: number,
  agencies: readonly { readonly code: AgencyCode; readonly tier: TierCode }[],
): TableRule[] {
  const random = randomOf(5_000)
  const code = () => pick(random, agencies).code
  const kinds: readonly [share: number, make: () => Omit<TableRule, 'id' | 'channel'>][] = [
    [0.5, () => ({ recipient: code(), documentType: pick(random, DOCUMENT_TYPES) })],
    [0.65, () => ({ under: code(), documentType: pick(random, DOCUMENT_TYPES) })],
    [0.75, () => ({ sender: code(), urgencyAtLeast: pick<Urgency>(random, [1, 2, 3]) })],
    [0.85, () => ({ senderUnder: code(), recipient: code() })],
    [0.95, () => ({ recipient: code(), sender: code(), validFrom: '2025-07-01' })],
    [1, () => ({ under: code(), tier: pick(random, agencies).tier, urgencyAtLeast: 2 as const })],
  ]
  const seen = new Set<string>()
  const rules: TableRule[] = []
  while (rules.length < count) {
    const share = random()
    const conditions = kinds.find(([upTo]) => share < upTo)![1]()
    const key = JSON.stringify(Object.entries(conditions).sort())
    if (seen.has(key)) continue
    seen.add(key)
    rules.push({ id: `r-${rules.length + 1}`, ...conditions, ...wayOf(random) })
  }
  return rules
}

function wayOf(random: () => number): { channel: ChannelId; fallback?: ChannelId[]; maxBytes?: number } {
  if (random() < 0.3) return { channel: 'https-push', fallback: ['mailbox'] }
  return random() < 0.1 ? { channel: 'mailbox', maxBytes: 50_000_000 } : { channel: 'mailbox' }
}
