import type { Bilingual } from '../bilingual.ts'
import type { AgencyCode } from '../identifiers.ts'

/** What is done with a document that names a closed agency. */
export type WhenAddressed = 'redirect' | 'bounce'

/** What becomes, on the day of closing, of documents that were accepted before and not handed over. */
export type WhenInFlight =
  /** They go to the successor. */
  | 'redirect'
  /** They stay in the inbox of the closed agency, which is still read. */
  | 'keep'
  /** They fail with a named reason, and their senders see it. */
  | 'bounce'

export type SuccessionAct = 'merge' | 'split' | 'recode' | 'closure'

export interface Heir {
  readonly code: AgencyCode
  /** The kinds of document (names of NĐ 30/2020 art. 7) that this one takes; left out: none in particular. */
  readonly documentTypes?: readonly string[]
}

/** How an agency ended, and who takes over from it. */
export interface Succession {
  readonly act: SuccessionAct
  readonly heirs: readonly Heir[]
  /** Takes whatever no heir takes by its kind; null where nobody does. */
  readonly main: AgencyCode | null
  readonly whenAddressed: WhenAddressed
  readonly whenInFlight: WhenInFlight
  /** The legal act, such as `202/2025/QH15`; null where none is named. */
  readonly basis: string | null
  /** Those beneath stay as they are; left out, they come under `main`, whenever they come beneath this one. */
  readonly children?: 'stay'
}

export const SUCCESSION_ACTS: Record<SuccessionAct, Bilingual> = {
  merge: { vi: 'sáp nhập', en: 'merged' },
  split: { vi: 'chia tách', en: 'split' },
  recode: { vi: 'đổi mã', en: 'given another code' },
  closure: { vi: 'kết thúc hoạt động', en: 'closed' },
}

/** Who takes over a document of a kind, whose diacritics may stand apart; null where nobody does. */
export function heirFor({ heirs, main }: Succession, documentType: string | undefined): AgencyCode | null {
  const composed = documentType?.normalize('NFC')
  const byType =
    composed === undefined ? undefined : heirs.find(({ documentTypes }) => documentTypes?.includes(composed))
  return byType?.code ?? main
}
