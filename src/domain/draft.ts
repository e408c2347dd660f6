import type { Bilingual } from './bilingual.ts'
import type { Act } from './directory/act.ts'
import type { Fault } from './fault.ts'
import type { TableRule } from './routing-rule.ts'

/** What a draft changes, and what its content is made of. */
export interface DraftContents {
  /** Acts, carried out one after the other, all or none. */
  readonly directory: Act
  /** The whole table: its rules in their order. */
  readonly routing: TableRule
}

export type DraftKind = keyof DraftContents

export const DRAFT_KINDS: Record<DraftKind, Bilingual> = {
  directory: { vi: 'danh bạ', en: 'directory' },
  routing: { vi: 'bảng định tuyến', en: 'routing table' },
}

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

/** Steps that move a draft which is not yet applied, and from where each may be made. */
export const DRAFT_STEPS = {
  edit: ['open', 'submitted'],
  rebase: ['open', 'submitted'],
  submit: ['open'],
  reopen: ['submitted'],
  approve: ['submitted'],
  withdraw: ['open', 'submitted'],
} as const satisfies Record<string, readonly DraftState[]>

export type DraftStep = keyof typeof DRAFT_STEPS

/** Why an approved draft could not be applied: what it was made from is no longer what is in force. */
export interface DraftConflict {
  /** The revision that it was made from, and the latest one. */
  readonly base: number
  readonly live: number
  /** Codes of the directory that this draft is about and that others changed since; none for a routing table. */
  readonly subjects: readonly string[]
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
  /** The earliest instant at which a routing table takes effect; null: as soon as it is approved. */
  readonly effectiveAt: Date | null
  /** Everybody who wrote any version of it, the first author first. */
  readonly authors: readonly string[]
  /** Those who approved this version. */
  readonly approvers: readonly string[]
  /** The revision that it takes back; null for any other draft. */
  readonly reverts: number | null
  /** What was told when it was submitted, and what it changes of the past. */
  readonly warnings: readonly Fault[]
  readonly conflict: DraftConflict | null
  /** The revision that it became; null until it is approved. */
  readonly revision: number | null
  readonly createdAt: Date
  readonly changedAt: Date
}

export type Draft<K extends DraftKind = DraftKind> = { [P in K]: DraftOf<P> }[K]

/** A draft in a list: how much it holds instead of what. */
export type DraftSummary = Omit<Draft, 'content' | 'warnings'> & { readonly items: number }
