import type { Bilingual } from './bilingual.ts'

/** The status codes that recipients and senders exchange (edXML status packet; QĐ 28/2018/QĐ-TTg art. 10.2h). */
export type StatusCode = '01' | '02' | '03' | '04' | '05' | '06' | '13' | '15' | '16'

export interface StatusCodeRow {
  readonly label: Bilingual
  /** Who may send it: the recipient of the document, or its original sender. */
  readonly emittedBy: 'recipient' | 'sender'
  /**
   * How far the document has got at the recipient. Statuses arrive late and out of order, so the processing
   * status of a delivery is the one of the highest rank seen. Undefined: does not speak of processing.
   */
  readonly rank?: number
  /** What it does to a request for recall or update. */
  readonly onRequest?: 'asks' | 'agrees' | 'objects'
}

export const STATUS_CODES: Record<StatusCode, StatusCodeRow> = {
  '01': { label: { vi: 'đã đến', en: 'arrived' }, emittedBy: 'recipient', rank: 1 },
  '02': {
    label: { vi: 'từ chối tiếp nhận (trả lại)', en: 'refused (returned)' },
    emittedBy: 'recipient',
    rank: 2,
  },
  '03': { label: { vi: 'đã tiếp nhận', en: 'accepted' }, emittedBy: 'recipient', rank: 3 },
  '04': { label: { vi: 'đã chuyển xử lý', en: 'assigned' }, emittedBy: 'recipient', rank: 4 },
  '05': { label: { vi: 'đang xử lý', en: 'being processed' }, emittedBy: 'recipient', rank: 5 },
  '06': { label: { vi: 'đã hoàn thành', en: 'finished' }, emittedBy: 'recipient', rank: 6 },
  '13': { label: { vi: 'yêu cầu thu hồi', en: 'recall requested' }, emittedBy: 'sender', onRequest: 'asks' },
  '15': {
    label: { vi: 'đồng ý thu hồi, cập nhật', en: 'recall or update agreed' },
    emittedBy: 'recipient',
    onRequest: 'agrees',
  },
  '16': {
    label: { vi: 'từ chối thu hồi, cập nhật', en: 'recall or update objected to' },
    emittedBy: 'recipient',
    onRequest: 'objects',
  },
}

export const isStatusCode = (code: string): code is StatusCode => Object.hasOwn(STATUS_CODES, code)

/**
 * The processing status after one more status code, in whatever order codes come. Unknown codes and codes that
 * do not speak of processing leave it as it is.
 */
export function processingStatusAfter(current: StatusCode | null, code: string): StatusCode | null {
  if (!isStatusCode(code)) return current
  const rank = STATUS_CODES[code].rank
  if (rank === undefined) return current
  const currentRank = current === null ? 0 : (STATUS_CODES[current].rank ?? 0)
  return rank > currentRank ? code : current
}
