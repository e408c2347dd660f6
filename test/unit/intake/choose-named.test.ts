import { test } from 'tap'
import { predecessorsOf, successorsOf } from '../../../src/directory/snapshot/succession-line.ts'
import { type AgencyCode, documentKey } from '../../../src/domain/identifiers.ts'
import { chooseNamed, spokenNames } from '../../../src/intake/choose-named.ts'
import { after, code, EMPTY, established } from '../directory/acts/world.ts'

const DAY = '2025-07-01'
const directory = after(
  EMPTY,
  ...['H1', 'H2', 'H3', 'H4'].map((one) => established(one)),
  { act: 'close', on: '2024-07-01', code: code('H1'), successor: code('H2') },
  { act: 'close', on: DAY, code: code('H2'), successor: code('H3') },
)
const earlier = (one: AgencyCode) => predecessorsOf(directory, one, DAY)

test('lines of succession are followed both ways, and only by their day', async (t) => {
  t.same(predecessorsOf(directory, code('H3'), DAY), ['H2', 'H1'])
  t.same(predecessorsOf(directory, code('H3'), '2025-06-30'), [])
  t.same(successorsOf(directory, code('H1'), DAY), ['H2', 'H3'])
  t.same(successorsOf(directory, code('H1'), '2025-06-30'), ['H2'])
  t.same(successorsOf(directory, code('H4'), DAY), [])
})

const names = (...codes: string[]) =>
  codes.map((one) => ({ spelling: one, code: code(one), name: one, hops: [] }))
const group = { code: code('NHOM'), name: 'Nhóm' }
const toH1 = { recipient: code('H1'), addressed: names('H1') }
const toH3 = { recipient: code('H3'), addressed: names('H3') }
const moved = { recipient: code('H3'), addressed: names('H2', 'H3') }
const byGroup = { recipient: code('H4'), addressed: [{ ...names('H4')[0]!, group }] }
const choose = <D extends typeof toH1>(deliveries: readonly D[], ...codes: string[]) =>
  chooseNamed(
    deliveries,
    codes.map((one) => ({ spelling: null, code: code(one) })),
    earlier,
  )

test('a delivery is spoken of by its recipient and by every name that led to it', async (t) => {
  t.same(choose([moved, toH1], 'H2'), [moved])
  t.same(choose([moved, toH1], 'H3'), [moved])
  t.same(choose([moved, byGroup], 'NHOM'), [byGroup])
  t.same(choose([moved, byGroup], 'NHOM', 'H4', 'H2', 'H3'), [byGroup, moved], 'each once')
})

test('an agency speaks for those before it only where nothing was sent to itself', async (t) => {
  t.same(choose([toH1], 'H3'), [toH1])
  t.same(choose([toH1, toH3], 'H3'), [toH3])
  t.same(choose([toH3], 'H1'), [], 'and nobody for those after it')
  t.same(choose([toH1], 'H4'), [])
})

test('a spelling speaks for whom it meant, also where it is another agency’s by now', async (t) => {
  const aliased = { ...toH1, addressed: [{ ...names('H1')[0]!, spelling: 'TRUC.CU' }] }
  const choose = (spelling: string) => chooseNamed([aliased, toH3], [{ spelling, code: code('H3') }], earlier)
  t.same(choose('TRUC.CU'), [aliased])
  t.same(choose('TRUC.LA'), [toH3], 'and by today’s meaning where no name of then is spelled like it')
})

test('of several names only those that are named are spoken of', async (t) => {
  const joint = { recipient: code('H3'), addressed: names('H1', 'H2') }
  const spoken = (delivery: typeof joint, ...codes: string[]) => {
    const named = codes.map((one) => ({ spelling: null, code: code(one) }))
    const { spoken = [], left = [] } = spokenNames([delivery], named, earlier).get(delivery) ?? {}
    return [spoken.map((one) => one.code), left.map((one) => one.code)]
  }
  t.same(spoken(joint, 'H1'), [['H1'], ['H2']])
  t.same(spoken(joint, 'H1', 'H2'), [['H1', 'H2'], []])
  t.same(spoken(joint, 'H3'), [['H1', 'H2'], []], 'its recipient speaks for all')
  t.same(spoken(moved, 'H3'), [['H3'], ['H2']], 'unless it was addressed itself')
  const [first, second] = joint.addressed
  const before = { ...joint, addressed: [{ ...first!, withdrawnBy: documentKey('d') }, second!] }
  t.same(spoken(before, 'H2'), [['H2'], []], 'what was taken back before is not left')
  t.same(spoken(before, 'H1'), [[], ['H2']])
  t.same(spoken({ ...joint, addressed: [...byGroup.addressed, first!] }, 'NHOM'), [['H4'], ['H1']])
  t.same(spoken({ ...joint, addressed: [] }, 'H3'), [[], []], 'of before names were kept')
})
