import type { Bilingual } from '../bilingual.ts'
import type { AgencyCode } from '../identifiers.ts'
import type { TierCode } from '../tier.ts'
import type { GroupExpansion } from './group.ts'
import type { SuccessionAct } from './succession.ts'

/** An agency as it is on one day. */
export interface AgencyOnDay {
  readonly code: AgencyCode
  readonly name: string
  readonly tier: TierCode
  readonly parent: AgencyCode | null
}

/** One step from an agency that has closed to the one that takes over. */
export interface SuccessorHop {
  readonly from: { readonly code: AgencyCode; readonly name: string }
  readonly to: { readonly code: AgencyCode; readonly name: string }
  readonly act: SuccessionAct
  /** The first day on which it holds. */
  readonly on: string
  readonly basis: string | null
}

/** Why a spelling leads to no open agency on a day. */
export const UNRESOLVABLE = {
  'unknown-code': { vi: 'Mã không có trong danh bạ', en: 'No such code in the directory' },
  'not-yet-open': {
    vi: 'Cơ quan chưa bắt đầu hoạt động vào ngày này',
    en: 'The agency has not begun by this day',
  },
  'closed-without-successor': {
    vi: 'Cơ quan đã kết thúc hoạt động và không có cơ quan kế thừa',
    en: 'The agency has closed, and nobody takes over',
  },
  'closed-and-bounced': {
    vi: 'Cơ quan đã kết thúc hoạt động; văn bản phải gửi tới cơ quan kế thừa',
    en: 'The agency has closed; documents must be addressed to its successor',
  },
  'no-successor-for-document-type': {
    vi: 'Không cơ quan kế thừa nào nhận loại văn bản này',
    en: 'No successor takes this kind of document',
  },
  'group-not-in-force': {
    vi: 'Nhóm nơi nhận không có hiệu lực vào ngày này',
    en: 'The address group is not in force on this day',
  },
  'group-empty': {
    vi: 'Nhóm nơi nhận không có cơ quan nào đang hoạt động',
    en: 'The address group has no open agency',
  },
} as const satisfies Record<string, Bilingual>

export type UnresolvableReason = keyof typeof UNRESOLVABLE

export interface ResolvedAgency {
  readonly outcome: 'agency'
  readonly agency: AgencyOnDay
  /** From the agency that was named to the one that is meant; empty where it is the same. */
  readonly hops: readonly SuccessorHop[]
  /** The alias that was used; null where it was the code. */
  readonly alias: string | null
}

export interface Unresolvable {
  readonly outcome: 'unresolvable'
  readonly reason: UnresolvableReason
  readonly hops: readonly SuccessorHop[]
  readonly alias: string | null
  /** The agency at which the way ends; undefined for an unknown code and for a group. */
  readonly last: AgencyOnDay | undefined
  /** Its first day without it: when it closed; null where it has not begun or is unknown. */
  readonly closedOn: string | null
  /** Who would be the right addressee now; null where nobody is. */
  readonly successor: AgencyCode | null
}

/** What a spelling means on a day, where an agency is asked for: a group is none. */
export type Resolution = ResolvedAgency | Unresolvable

/** A name by which a group leads to a member, and how it got there from that name. */
export interface ListedAs {
  readonly code: AgencyCode
  readonly name: string
  /** Empty where the agency that is listed is open. */
  readonly hops: readonly SuccessorHop[]
}

export interface GroupMember {
  readonly agency: AgencyOnDay
  /** At least one; several where agencies that are listed have become one. */
  readonly listed: readonly ListedAs[]
}

export interface ResolvedGroup {
  readonly outcome: 'group'
  readonly group: { readonly code: AgencyCode; readonly name: string }
  /** The alias that was used; null where it was the code. */
  readonly alias: string | null
  /** Open agencies, each once: by their code, or in the order in which they are listed. Never empty. */
  readonly members: readonly GroupMember[]
  /** Listed, but leading to no open agency. */
  readonly missing: readonly { readonly code: AgencyCode; readonly reason: UnresolvableReason }[]
  /** The same for the record. */
  readonly expansion: GroupExpansion
}

/** What a spelling among the recipients means on a day: codes of agencies and of groups share one namespace. */
export type RecipientResolution = Resolution | ResolvedGroup
