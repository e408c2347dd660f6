import { test } from 'tap'
import { describeDelta } from '../../../../src/directory/acts/describe-delta.ts'
import { after, code, EMPTY, established, tried } from './world.ts'

const provinces = after(EMPTY, established('H17'), established('H47'), established('H47.05', 'H47'))
const lines = (acts: Parameters<typeof tried>[1][]) =>
  describeDelta(provinces, tried(provinces, ...acts).delta).map(({ text }) => text)

test('a merger in the words of people: what ends with the agency is not told by itself', async (t) => {
  const told = lines([
    { act: 'merge', on: '2025-07-01', codes: [code('H47')], into: code('H17'), basis: '202/2025/QH15' },
  ])
  t.same(
    told.map(({ vi }) => vi),
    [
      'Từ 2025-07-01: Cơ quan H47 (H47): không hoạt động',
      'Từ 2025-07-01: Cơ quan H47 (H47): kế thừa: sáp nhập (202/2025/QH15) → Cơ quan H17 (H17); văn bản gửi tới: chuyển tiếp; đang gửi: chuyển tiếp',
      'Từ 2025-07-01: Cơ quan H47.05 (H47.05): cấp, cơ quan chủ quản: cấp province, thuộc Cơ quan H47 (H47) → cấp province, thuộc Cơ quan H17 (H17)',
    ],
  )
  t.equal(told[0]?.en, 'From 2025-07-01: Cơ quan H47 (H47): is not open')
})

test('what begins, what changes and what ends', async (t) => {
  const endpoint = { channel: 'https-push', url: 'https://a.example/in', reaches: 'subtree' } as const
  const told = lines([
    { act: 'rename', on: '2025-07-01', code: code('H17'), name: 'Thành phố mới' },
    { act: 'set-endpoint', on: '2025-07-01', until: '2025-08-01', code: code('H17'), endpoint },
    {
      act: 'set-group',
      on: '2025-07-01',
      code: code('NHOM'),
      name: 'Các tỉnh',
      members: { tier: 'province' },
    },
  ])
  t.same(
    told.map(({ en }) => en),
    [
      'From 2025-07-01: Thành phố mới (H17): name: «Cơ quan H17» → «Thành phố mới»',
      'From 2025-07-01 until before 2025-08-01: Thành phố mới (H17): endpoint: notice by HTTPS push https://a.example/in, with all beneath',
      'From 2025-07-01: Các tỉnh (NHOM): address group: «Các tỉnh»: tier province',
    ],
  )
})
