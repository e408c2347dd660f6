import type { Bilingual } from './bilingual.ts'
import { isStatusCode, STATUS_CODES } from './status-code.ts'

/**
 * What became of the sender's wish to take back, update or replace what one recipient was sent.
 * QĐ 28/2018/QĐ-TTg art. 9.2 obliges the recipient to cancel on recall; an objection (16) is recorded and shown
 * to both sides, it does not undo the duty.
 */
export type RequestState = 'requested' | 'agreed' | 'objected'

export const REQUEST_STATES: Record<
  RequestState,
  { label: Bilingual; next: Partial<Record<RequestState, string>> }
> = {
  requested: {
    label: { vi: 'chờ bên nhận trả lời', en: 'awaiting the recipient' },
    next: { agreed: 'status 15', objected: 'status 16' },
  },
  agreed: { label: { vi: 'bên nhận đồng ý', en: 'agreed' }, next: { requested: 'asked again' } },
  objected: {
    label: { vi: 'bên nhận phản đối', en: 'objected' },
    next: { requested: 'asked again', agreed: 'status 15' },
  },
}

/** The request's state after a status code; null where there is no open request. */
export function requestStateAfter(current: RequestState | null, code: string): RequestState | null {
  if (current === null || !isStatusCode(code)) return current
  const effect = STATUS_CODES[code].onRequest
  const wanted = effect === 'agrees' ? 'agreed' : effect === 'objects' ? 'objected' : current
  return wanted in REQUEST_STATES[current].next ? wanted : current
}
