import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'

/** What another exchange tells of the directory and no act is made of, for whoever approves to look at. */
export type SyncRemark = Fault

const TEXTS = {
  'told-malformed': {
    vi: 'Mã hoặc tên ở trục kia không dùng được.',
    en: 'Its code or name there cannot be used.',
  },
  'told-twice': {
    vi: 'Trục kia ghi mã này nhiều lần với tên hoặc cơ quan chủ quản khác nhau.',
    en: 'The other exchange lists this code several times, with different names or parents.',
  },
  'told-code-of-two': {
    vi: 'Trục kia ghi mã code102 này cho hai cơ quan.',
    en: 'The other exchange gives this code102 to two agencies.',
  },
  'told-codes-of-several': {
    vi: 'Các mã của cơ quan này ở trục kia thuộc những cơ quan khác nhau ở đây.',
    en: "This agency's codes there belong to different agencies here.",
  },
  'told-same-agency': {
    vi: 'Nhiều cơ quan ở trục kia là cùng một cơ quan ở đây.',
    en: 'Several agencies there are one and the same here.',
  },
  'told-group': {
    vi: 'Mã này ở đây là một nhóm nơi nhận.',
    en: 'Here this is the code of an address group.',
  },
  'told-closed-here': {
    vi: 'Trục kia ghi đang hoạt động; ở đây đã đóng.',
    en: 'Open there, and closed here.',
  },
  'told-not-begun-here': {
    vi: 'Trục kia ghi đang hoạt động; ở đây chưa đến ngày bắt đầu.',
    en: 'Open there, and yet to begin here.',
  },
  'told-of-home': {
    vi: 'Trục kia ghi khác về cơ quan do trục này quản lý; không thay đổi gì ở đây.',
    en: 'The other exchange says otherwise of an agency that is at home here; nothing is changed.',
  },
  'told-beneath-home': {
    vi: 'Trục kia đặt cơ quan này dưới một cơ quan do trục này quản lý.',
    en: 'The other exchange puts it beneath an agency that is at home here.',
  },
  'told-parent-unknown': {
    vi: 'Không rõ cơ quan chủ quản theo trục kia, hoặc cơ quan đó không dùng được ở đây.',
    en: 'The agency above it there is not known, or cannot be one here.',
  },
  'told-end-contradicted': {
    vi: 'Trục kia vừa ghi đã xóa vừa ghi đang hoạt động.',
    en: 'The other exchange lists it both as deleted and as open.',
  },
  'told-end-above-home': {
    vi: 'Trục kia ghi đã xóa; cơ quan do trục này quản lý đang trực thuộc nó.',
    en: 'Deleted there; agencies that are at home here stand beneath it.',
  },
} as const satisfies Record<string, Bilingual>

export const syncRemark = (code: keyof typeof TEXTS, found: string): SyncRemark => ({
  code,
  severity: 'warning',
  found: found.slice(0, 200),
  hint: TEXTS[code],
})

/** As many as a draft shows of what was left out. */
const MOST_SHOWN = 500

/** The first of them, and how many there are beyond. */
export function shownRemarks(remarks: readonly SyncRemark[]): SyncRemark[] {
  const left = remarks.length - MOST_SHOWN
  if (left <= 0) return [...remarks]
  const hint = { vi: `Và ${left} điều khác không nêu ở đây.`, en: `And ${left} more that are not shown.` }
  const more: SyncRemark = { code: 'told-more', severity: 'warning', found: String(left), hint }
  return [...remarks.slice(0, MOST_SHOWN), more]
}
