import type { Bilingual } from './bilingual.ts'

/** What a packet does (BussinessDocType, QCVN 102:2016 §2.2.1). */
export type BusinessOperation = 'new' | 'recall' | 'update' | 'replace'

export interface BusinessOperationRow {
  /** BussinessDocType on the wire. */
  readonly wire: 0 | 1 | 2 | 3
  readonly label: Bilingual
  /** Whether the packet carries a document of its own under its DocumentId, which must then be unique for its sender. */
  readonly introducesDocument: boolean
  /** Whether the recipient is asked to answer with status 15 or 16. */
  readonly asksForAnswer: boolean
}

export const BUSINESS_OPERATIONS: Record<BusinessOperation, BusinessOperationRow> = {
  new: {
    wire: 0,
    label: { vi: 'văn bản mới', en: 'new document' },
    introducesDocument: true,
    asksForAnswer: false,
  },
  recall: { wire: 1, label: { vi: 'thu hồi', en: 'recall' }, introducesDocument: false, asksForAnswer: true },
  update: {
    wire: 2,
    label: { vi: 'cập nhật', en: 'update' },
    introducesDocument: false,
    asksForAnswer: true,
  },
  replace: {
    wire: 3,
    label: { vi: 'thay thế', en: 'replacement' },
    introducesDocument: true,
    asksForAnswer: true,
  },
}

export const businessOperationFromWire = (wire: number): BusinessOperation | undefined =>
  (Object.keys(BUSINESS_OPERATIONS) as BusinessOperation[]).find(
    (id) => BUSINESS_OPERATIONS[id].wire === wire,
  )
