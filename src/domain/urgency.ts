import type { Bilingual } from './bilingual.ts'

/** OtherInfo/Priority of a packet (QCVN 102:2016 §1.11; NĐ 30/2020 stamps HỎA TỐC, THƯỢNG KHẨN, KHẨN). */
export type Urgency = 0 | 1 | 2 | 3 | 4

export interface UrgencyRow {
  readonly label: Bilingual
  /** BullMQ priority: a lower number goes first. 0 is not used: BullMQ runs it outside the priority order. */
  readonly queuePriority: number
}

export const URGENCIES: Record<Urgency, UrgencyRow> = {
  0: { label: { vi: 'thường', en: 'normal' }, queuePriority: 40 },
  1: { label: { vi: 'khẩn', en: 'urgent' }, queuePriority: 30 },
  2: { label: { vi: 'thượng khẩn', en: 'very urgent' }, queuePriority: 20 },
  3: { label: { vi: 'hỏa tốc', en: 'immediate' }, queuePriority: 10 },
  4: { label: { vi: 'hỏa tốc hẹn giờ', en: 'immediate, timed' }, queuePriority: 5 },
}

/** An absent or unknown priority travels as a normal one. */
export const urgencyOf = (priority: number | undefined): Urgency =>
  priority !== undefined && Object.hasOwn(URGENCIES, priority) ? (priority as Urgency) : 0
