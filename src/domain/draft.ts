import type { Bilingual } from './bilingual.ts'
import type { Act } from './directory/act.ts'
import type { RoutingRule } from './routing.ts'

/** What a draft changes, and what its content is made of. */
export interface DraftContents {
  /** Acts, carried out one after the other, all or none. */
  readonly directory: Act
  /** The whole table: its rules in their order. */
  readonly routing: RoutingRule
}

export type DraftKind = keyof DraftContents

/**
 * - open: being written;
 * - submitted: its authors are done; it waits for somebody else's approval;
 * - scheduled: approved, and takes effect at its time;
 * - in-force: it has become a revision, now or earlier;
 * - withdrawn: given up.
 */
export type DraftState = 'open' | 'submitted' | 'scheduled' | 'in-force' | 'withdrawn'

export const DRAFT_STATES: Record<DraftState, Bilingual> = {
  open: { vi: 'đang soạn', en: 'open' },
  submitted: { vi: 'chờ phê duyệt', en: 'submitted for approval' },
  scheduled: { vi: 'đã duyệt, chờ hiệu lực', en: 'approved, not yet in force' },
  'in-force': { vi: 'đã có hiệu lực', en: 'in force' },
  withdrawn: { vi: 'đã hủy', en: 'withdrawn' },
}

interface DraftOf<K extends DraftKind> {
  readonly id: string
  readonly kind: K
  readonly title: string
  readonly content: readonly DraftContents[K][]
  /** Raised by every edit. */
  readonly version: number
  /** SHA-256 of the content of this version, lower-case hex: what an approver says that he has seen. */
  readonly contentSha256: string
  /** The revision that it was made from. */
  readonly base: number
  readonly state: DraftState
  readonly effectiveAt: Date | null
  /** Everybody who wrote any version of it. */
  readonly authors: readonly string[]
  /** Those who approved this version. */
  readonly approvers: readonly string[]
  readonly createdAt: Date
  readonly changedAt: Date
}

export type Draft<K extends DraftKind = DraftKind> = { [P in K]: DraftOf<P> }[K]
