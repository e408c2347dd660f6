import type { RecentDelivery } from '../../db/recent-deliveries.ts'
import type { ChannelId, UsableChannels } from '../../domain/channel-id.ts'
import type { AgencyOnDay, UnresolvableReason } from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Addressed } from '../../domain/routing-rule.ts'
import { chooseRoute } from '../routing/choose-route.ts'
import type { CompiledTable } from '../routing/compile-table.ts'
import { expandGroup } from '../snapshot/expand-group.ts'
import { resolveAddress } from '../snapshot/resolve-address.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'

/** Where a document would go, or why it would go nowhere. */
export type Destination =
  | {
      readonly recipient: AgencyCode
      readonly name: string
      readonly channel: ChannelId
      readonly gateway: AgencyCode | null
      readonly rule: string
    }
  | { readonly reason: UnresolvableReason }

/** One directory and one table on one day. */
export interface Setting {
  readonly directory: DirectorySnapshot
  readonly table: CompiledTable
  readonly usable: UsableChannels
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
}

type Decide = (delivery: RecentDelivery) => readonly Destination[]

/** Decides deliveries again, one destination for each name that led to them. Groups are expanded once. */
export function deciderOf(setting: Setting): Decide {
  const { directory, table, usable, day } = setting
  const isMember = membersOf(setting)
  const routed = (delivery: RecentDelivery, recipient: AgencyOnDay): Destination => {
    const { sender, urgency, bytes } = delivery
    const documentType = delivery.documentType ?? undefined
    const facts = { sender, recipient, documentType, urgency, bytes, day }
    const { channel, gateway, explanation } = chooseRoute(table, directory, usable, facts)
    return { recipient: recipient.code, name: recipient.name, channel, gateway, rule: explanation.rule }
  }
  return (delivery) =>
    namesOf(delivery).map(({ spelling, group, code }) => {
      const facts = {
        day,
        evenIfBounced: group !== undefined,
        ...(delivery.documentType !== null && { documentType: delivery.documentType }),
      }
      const found = resolveAddress(directory, group === undefined ? spelling : code, facts)
      if (found.outcome === 'unresolvable') return { reason: found.reason }
      if (group !== undefined && !isMember(group.code, delivery.documentType, found.agency.code))
        return { reason: 'group-not-in-force' }
      return routed(delivery, found.agency)
    })
}

/** The names for which it still goes: a recall may have taken it back from some of several. */
function namesOf({
  addressed,
  recipient,
}: RecentDelivery): readonly Pick<Addressed, 'spelling' | 'group' | 'code'>[] {
  const left = addressed?.filter(({ withdrawnBy }) => withdrawnBy === undefined) ?? []
  return left.length > 0 ? left : [{ spelling: recipient, code: recipient }]
}

function membersOf({ directory, day }: Setting) {
  const expanded = new Map<string, ReadonlySet<AgencyCode>>()
  return (group: AgencyCode, documentType: string | null, code: AgencyCode): boolean => {
    const key = `${group}\n${documentType ?? ''}`
    const known = expanded.get(key) ?? expand(directory, day, group, documentType)
    expanded.set(key, known)
    return known.has(code)
  }
}

function expand(
  directory: DirectorySnapshot,
  day: string,
  group: AgencyCode,
  documentType: string | null,
): ReadonlySet<AgencyCode> {
  const found = expandGroup(directory, group, { day, ...(documentType !== null && { documentType }) })
  return new Set(typeof found === 'string' ? [] : found.expansion.members)
}

/** Whether two destinations are one: the same agency by the same way, whichever rule says so. */
export const isSameDestination = (one: Destination, other: Destination): boolean => {
  if ('reason' in one || 'reason' in other) return 'reason' in one && 'reason' in other
  return one.recipient === other.recipient && one.channel === other.channel && one.gateway === other.gateway
}
