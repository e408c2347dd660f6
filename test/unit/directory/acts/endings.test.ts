import { test } from 'tap'
import { resolveAddress } from '../../../../src/directory/snapshot/resolve-address.ts'
import { after, applied, code, codesOf, EMPTY, established, tried } from './world.ts'

const MIDNIGHT = '2025-07-01'
const provinces = after(
  EMPTY,
  established('H17'),
  established('H47'),
  established('H47.05', 'H47'),
  established('H47.05.02', 'H47.05', 'commune'),
  established('H17.05', 'H17'),
)
const merged = after(provinces, {
  act: 'merge',
  on: MIDNIGHT,
  codes: [code('H47'), code('H17')],
  into: code('H17'),
  basis: '202/2025/QH15',
})
const goesTo = (snapshot: typeof merged, spelling: string, day: string, documentType?: string) => {
  const found = resolveAddress(snapshot, spelling, { day, ...(documentType && { documentType }) })
  return found.outcome === 'agency' ? found.agency.code : found.reason
}

test('a merger ends one agency, and documents follow from midnight on', async (t) => {
  t.equal(goesTo(merged, 'H47', '2025-06-30'), 'H47')
  const found = resolveAddress(merged, 'H47', { day: MIDNIGHT })
  t.match(found, {
    outcome: 'agency',
    agency: { code: 'H17' },
    hops: [
      { from: { code: 'H47', name: 'Cơ quan H47' }, act: 'merge', on: MIDNIGHT, basis: '202/2025/QH15' },
    ],
  })
  t.equal(merged.fact(code('H47'), 'succession', MIDNIGHT)?.value.whenInFlight, 'redirect')
})

test('the agencies beneath come under the successor, each with its own code', async (t) => {
  t.same(merged.childrenOn(code('H17'), '2025-06-30'), ['H17.05'])
  t.same(merged.childrenOn(code('H17'), MIDNIGHT).sort(), ['H17.05', 'H47.05'])
  t.same(merged.ancestors(code('H47.05.02'), MIDNIGHT), ['H47.05', 'H17'])
  const { warnings } = tried(provinces, {
    act: 'merge',
    on: MIDNIGHT,
    codes: [code('H47')],
    into: code('H17'),
    children: 'stay',
  })
  t.match(warnings, [{ code: 'parent-closed', path: '#/content/0', found: 'H47.05' }])
})

test('a closure takes endpoint, contacts and certificates with it, and leaves aliases', async (t) => {
  const endpoint = { channel: 'https-push', url: 'https://a.example', reaches: 'itself' } as const
  const before = after(
    provinces,
    { act: 'add-alias', on: '2020-09-15', code: code('H47'), alias: '000.00.00.H47', form: 'qcvn-13' },
    { act: 'set-endpoint', on: '2025-01-01', code: code('H47'), endpoint },
  )
  const closed = after(before, { act: 'close', on: MIDNIGHT, code: code('H47'), successor: null })
  t.ok(closed.fact(code('H47'), 'endpoint', '2025-06-30'))
  t.notOk(closed.fact(code('H47'), 'endpoint', MIDNIGHT))
  t.equal(goesTo(closed, '000.00.00.H47', MIDNIGHT), 'closed-without-successor')
  t.equal(closed.agency(code('H47'), MIDNIGHT)?.name, 'Cơ quan H47', 'it is still told by its last name')
})

test('a split: by kind of document, and a main successor for the rest', async (t) => {
  const split = after(provinces, established('H90', null, 'province', MIDNIGHT), {
    act: 'split',
    on: MIDNIGHT,
    code: code('H47'),
    into: [{ code: code('H17') }, { code: code('H90'), documentTypes: ['Quyết định'] }],
    main: code('H17'),
  })
  t.equal(goesTo(split, 'H47', MIDNIGHT, 'Quyết định'), 'H90')
  t.equal(goesTo(split, 'H47', MIDNIGHT, 'Công văn'), 'H17')
  t.same(split.ancestors(code('H47.05'), MIDNIGHT), ['H17'])
})

test('what a split must say', async (t) => {
  const outcome = tried(provinces, {
    act: 'split',
    on: MIDNIGHT,
    code: code('H47'),
    into: [
      { code: code('H47') },
      { code: code('H17'), documentTypes: ['Công văn'] },
      { code: code('H17'), documentTypes: ['Công văn'] },
      { code: code('H99') },
    ],
    main: code('H17.05'),
  })
  t.match(
    outcome.faults.map(({ code, path }) => [code, path]),
    [
      ['heir-is-itself', '#/content/0/into/0/code'],
      ['heir-repeated', '#/content/0/into/2/code'],
      ['document-type-repeated', '#/content/0/into/2/documentTypes'],
      ['heir-unknown', '#/content/0/into/3/code'],
      ['main-not-an-heir', '#/content/0/main'],
    ],
  )
  t.same(outcome.delta, { asserted: [], retracted: [] }, 'and nothing is done')
  const silent = tried(provinces, {
    act: 'split',
    on: MIDNIGHT,
    code: code('H47'),
    into: [{ code: code('H17') }],
    main: null,
  })
  t.same(codesOf(silent.faults), ['split-without-rule'])
})

test('another code: everything goes with the agency, and the old code leads to the new one', async (t) => {
  const contact = { role: 'văn thư', name: null, phone: '0236', email: null, address: null }
  const before = after(provinces, { act: 'set-contact', on: '2025-01-01', code: code('H47'), contact })
  const recoded = after(before, { act: 'recode', on: MIDNIGHT, code: code('H47'), newCode: code('H70') })
  t.equal(goesTo(recoded, 'H47', MIDNIGHT), 'H70')
  t.equal(goesTo(recoded, 'H70', '2025-06-30'), 'not-yet-open')
  t.match(recoded.agency(code('H70'), MIDNIGHT), { name: 'Cơ quan H47', tier: 'province', parent: null })
  t.same(recoded.fact(code('H70'), 'contact', MIDNIGHT)?.value, contact)
  t.same(recoded.childrenOn(code('H70'), MIDNIGHT), ['H47.05'])
})

test('a code may become the code of the agency whose alias it was', async (t) => {
  const before = after(provinces, {
    act: 'add-alias',
    on: '2020-09-15',
    code: code('H47'),
    alias: 'H70',
    form: 'free',
  })
  const recoded = after(before, { act: 'recode', on: MIDNIGHT, code: code('H47'), newCode: code('H70') })
  t.equal(goesTo(recoded, 'H70', '2025-06-30'), 'H47', 'before the day it goes on meaning the old one')
  t.equal(goesTo(recoded, 'H70', MIDNIGHT), 'H70')
  t.same(
    codesOf(tried(before, { act: 'recode', on: MIDNIGHT, code: code('H17'), newCode: code('H70') }).faults),
    ['code-taken'],
  )
})

test('what is planned for later than a closing contradicts it visibly', async (t) => {
  const planned = after(provinces, { act: 'rename', on: '2025-09-01', code: code('H47'), name: 'Tên mới' })
  const close = { act: 'close', on: MIDNIGHT, code: code('H47'), successor: null } as const
  t.match(tried(planned, close).faults, [{ code: 'later-fact-contradicts', found: 'name 2025-09-01' }])
  t.same(codesOf(tried(merged, { ...close, on: '2025-06-15' }).faults), ['later-fact-contradicts'])
  t.same(codesOf(tried(merged, { ...close, on: '2025-08-01' }).faults), ['agency-not-open'])
})

test('nobody takes over from himself, in however many steps, nor before being there', async (t) => {
  const merge = (from: string, into: string, on: string) =>
    ({ act: 'merge', on, codes: [code(from)], into: code(into) }) as const
  t.same(codesOf(tried(provinces, merge('H47', 'H47', MIDNIGHT)).faults), ['merge-of-one'])
  t.same(codesOf(tried(merged, merge('H17', 'H47', '2025-08-01')).faults), ['heir-not-open'])
  const planned = after(provinces, merge('H47', 'H17', '2025-09-01'))
  const early = tried(planned, { act: 'close', on: MIDNIGHT, code: code('H17'), successor: null })
  t.match(early.faults, [{ code: 'heir-not-open', found: 'H17', path: '#/content/0' }])
})

test('the heir may itself be taken over on the very day', async (t) => {
  const both = after(
    provinces,
    { act: 'merge', on: MIDNIGHT, codes: [code('H47')], into: code('H17') },
    { act: 'recode', on: MIDNIGHT, code: code('H17'), newCode: code('H70') },
  )
  t.equal(goesTo(both, 'H47', MIDNIGHT), 'H70')
  t.same(both.childrenOn(code('H70'), MIDNIGHT).sort(), ['H17.05', 'H47.05'])
})

test('a child that takes over from its parent comes in its place', async (t) => {
  const up = after(provinces, { act: 'merge', on: MIDNIGHT, codes: [code('H47')], into: code('H47.05') })
  t.equal(up.agency(code('H47.05'), MIDNIGHT)?.parent, null)
})

test('without a successor nothing can be sent on', async (t) => {
  const { faults } = tried(provinces, {
    act: 'close',
    on: MIDNIGHT,
    code: code('H47.05.02'),
    successor: null,
    whenAddressed: 'redirect',
    whenInFlight: 'redirect',
    children: 'follow',
  })
  t.same(codesOf(faults), [
    'redirect-without-successor',
    'redirect-without-successor',
    'children-without-successor',
  ])
})

test('two acts on one day leave no trace of what lies between', async (t) => {
  const { delta } = tried(
    provinces,
    { act: 'rename', on: MIDNIGHT, code: code('H47'), name: 'Nhầm' },
    { act: 'rename', on: MIDNIGHT, code: code('H47'), name: 'Cơ quan H47' },
  )
  t.same(delta, { asserted: [], retracted: [] })
  t.equal(applied(provinces, delta).size, provinces.size)
})
