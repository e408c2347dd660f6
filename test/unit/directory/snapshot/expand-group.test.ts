import { test } from 'tap'
import { resolveAddress } from '../../../../src/directory/snapshot/resolve-address.ts'
import { resolveRecipient } from '../../../../src/directory/snapshot/resolve-recipient.ts'
import type { GroupMembers } from '../../../../src/domain/directory/group.ts'
import { after, code, EMPTY, established } from '../acts/world.ts'

const directory = after(
  EMPTY,
  established('G01', null, 'central'),
  established('H17'),
  established('H47'),
  established('H47.05', 'H47'),
  established('H47.05.02', 'H47.05', 'commune'),
  established('H17.09', 'H17', 'commune', '2025-07-01'),
)
const merged = after(directory, {
  act: 'merge',
  on: '2025-07-01',
  codes: [code('H47')],
  into: code('H17'),
  whenAddressed: 'bounce',
})
const withGroup = (from: typeof directory, members: GroupMembers) =>
  after(from, { act: 'set-group', on: '2025-01-01', code: code('NHOM'), name: 'Nhóm', members })
const expanded = (from: typeof directory, members: GroupMembers, day: string) => {
  const found = resolveRecipient(withGroup(from, members), 'NHOM', { day })
  return found.outcome === 'group' ? found.members.map(({ agency }) => agency.code) : found.outcome
}

test('members by condition are those of the day', async (t) => {
  t.same(expanded(directory, { tier: 'commune' }, '2025-06-30'), ['H47.05.02'])
  t.same(expanded(directory, { tier: 'commune' }, '2025-07-01'), ['H17.09', 'H47.05.02'])
  t.same(expanded(directory, { under: code('H47') }, '2025-06-30'), ['H47.05', 'H47.05.02'])
  t.same(expanded(directory, { under: code('H47'), tier: 'commune' }, '2025-06-30'), ['H47.05.02'])
  t.same(expanded(directory, { parent: code('H47') }, '2025-06-30'), ['H47.05'])
  t.same(expanded(directory, { parent: null, tier: 'province' }, '2025-06-30'), ['H17', 'H47'])
  t.equal(expanded(directory, {}, '2025-06-30').length, 5)
})

test('a condition goes on naming an agency that was given another code', async (t) => {
  const recoded = after(directory, {
    act: 'recode',
    on: '2025-07-01',
    code: code('H47'),
    newCode: code('H70'),
  })
  t.same(expanded(recoded, { under: code('H47') }, '2025-07-01'), ['H47.05', 'H47.05.02'])
})

test('who is listed and has closed is followed, each successor once with every name that led to it', async (t) => {
  const group = withGroup(merged, { codes: [code('H47'), code('H17'), code('G01')] })
  const found = resolveRecipient(group, 'NHOM', { day: '2025-07-01' })
  t.match(found, {
    outcome: 'group',
    group: { code: 'NHOM', name: 'Nhóm' },
    alias: null,
    members: [
      {
        agency: { code: 'H17' },
        listed: [
          { code: 'H47', name: 'Cơ quan H47', hops: [{ to: { code: 'H17' } }] },
          { code: 'H17', hops: [] },
        ],
      },
      { agency: { code: 'G01' } },
    ],
    missing: [],
    expansion: { group: 'NHOM', directoryRevision: group.revision, members: ['H17', 'G01'] },
  })
})

test('who is listed and leads nowhere is told, and a group of nobody is a named reason', async (t) => {
  const closed = after(directory, { act: 'close', on: '2025-07-01', code: code('G01'), successor: null })
  const some = resolveRecipient(withGroup(closed, { codes: [code('G01'), code('H17')] }), 'NHOM', {
    day: '2025-07-01',
  })
  t.match(some, { outcome: 'group', missing: [{ code: 'G01', reason: 'closed-without-successor' }] })
  const nobody = withGroup(closed, { codes: [code('G01')] })
  t.match(resolveRecipient(nobody, 'NHOM', { day: '2025-07-01' }), { reason: 'group-empty' })
  t.match(resolveRecipient(nobody, 'NHOM', { day: '2024-01-01' }), { reason: 'group-not-in-force' })
  t.match(resolveRecipient(nobody, 'KHAC', { day: '2025-07-01' }), { reason: 'unknown-code' })
})

test('a group is a recipient and no agency', async (t) => {
  const group = withGroup(directory, { codes: [code('H17')] })
  t.match(resolveAddress(group, 'NHOM', { day: '2025-06-30' }), { outcome: 'unresolvable' })
})
