import type { Bilingual } from '../bilingual.ts'
import type { EndpointChannelId } from '../channel-id.ts'
import type { AgencyCode, Sha256 } from '../identifiers.ts'
import type { TierCode } from '../tier.ts'
import type { GroupMembers } from './group.ts'
import type { Succession } from './succession.ts'

/** Days in Vietnam, `yyyy-MM-dd`. `validTo` is the first day after the end; null where no end is known. */
export interface Interval {
  readonly validFrom: string
  readonly validTo: string | null
}

/** Where a spelling other than the code comes from. Spellings are looked up and never taken apart. */
export type AliasForm =
  /** `000.00.15.H51`: 13 characters, level 1 last (QCVN 102:2016). */
  | 'qcvn-13'
  /** The code that the national directory keeps in its field `code102`. */
  | 'code102'
  /** Any other: test codes, names of systems. */
  | 'free'

/** What is said of an agency (or, `group`, of an address group), by kind. */
export interface FactValues {
  /** It is open. */
  readonly existence: Record<string, never>
  readonly name: { readonly name: string }
  readonly placement: { readonly tier: TierCode; readonly parent: AgencyCode | null }
  readonly alias: { readonly alias: string; readonly form: AliasForm }
  readonly contact: ContactPoint
  readonly endpoint: EndpointValue
  /** A certificate with which the agency, or somebody in its name, signs. `der` is base64. */
  readonly certificate: { readonly sha256: Sha256; readonly der: string }
  /** It has closed, and this is who takes over; holds from the day of closing on. */
  readonly succession: Succession
  readonly group: { readonly name: string; readonly members: GroupMembers }
}

/** Whom people turn to; one for each role, such as `văn thư`. */
export interface ContactPoint {
  readonly role: string
  readonly name: string | null
  readonly phone: string | null
  readonly email: string | null
  readonly address: string | null
}

export interface EndpointValue {
  readonly channel: EndpointChannelId
  readonly url: string | null
  /** `subtree`: also for every agency beneath that has none of its own. */
  readonly reaches: 'itself' | 'subtree'
}

export type FactKind = keyof FactValues

interface FactKindRow<K extends FactKind> {
  readonly label: Bilingual
  /** Facts of one subject and kind with the same key never hold on the same day. */
  readonly key: (value: FactValues[K]) => string
}

/** One row a kind. */
export const FACT_KINDS: { readonly [K in FactKind]: FactKindRow<K> } = {
  existence: { label: { vi: 'hoạt động', en: 'open' }, key: () => '' },
  name: { label: { vi: 'tên', en: 'name' }, key: () => '' },
  placement: { label: { vi: 'cấp, cơ quan chủ quản', en: 'tier and parent' }, key: () => '' },
  alias: { label: { vi: 'mã khác', en: 'alias' }, key: ({ alias }) => alias },
  contact: { label: { vi: 'đầu mối liên hệ', en: 'contact point' }, key: ({ role }) => role },
  endpoint: { label: { vi: 'điểm kết nối', en: 'endpoint' }, key: () => '' },
  certificate: { label: { vi: 'chứng thư số', en: 'certificate' }, key: ({ sha256 }) => sha256 },
  succession: { label: { vi: 'kế thừa', en: 'succession' }, key: () => '' },
  group: { label: { vi: 'nhóm nơi nhận', en: 'address group' }, key: () => '' },
}

export const FACT_KIND_IDS = Object.keys(FACT_KINDS) as FactKind[]

type FactOf<K extends FactKind> = Interval & {
  readonly subject: AgencyCode
  readonly kind: K
  readonly value: FactValues[K]
}

/** Something that is said of a subject for an interval of days. */
export type NewFact<K extends FactKind = FactKind> = { [P in K]: FactOf<P> }[K]

/**
 * A fact on record. It is never changed: a later directory revision may take it back (`retractedIn`) and say another
 * thing in its place, and both stay readable. So there are two times: when something holds, and when it was said.
 */
export type Fact<K extends FactKind = FactKind> = NewFact<K> & {
  readonly id: number
  /** The directory revision that said it. */
  readonly assertedIn: number
  /** The directory revision that took it back. */
  readonly retractedIn: number | null
}

/** What one directory revision does, all of it or nothing. */
export interface Delta {
  readonly asserted: readonly NewFact[]
  /** Ids of facts. */
  readonly retracted: readonly number[]
}

/** Whether something holds on a day (`yyyy-MM-dd`, Vietnam). */
export const holdsOn = ({ validFrom, validTo }: Interval, day: string): boolean =>
  validFrom <= day && (validTo === null || day < validTo)
