import { createHash } from 'node:crypto'
import { test } from 'tap'
import type { Act } from '../../../../src/domain/directory/act.ts'
import { sha256 } from '../../../../src/domain/identifiers.ts'
import { after, applied, code, codesOf, EMPTY, established, tried } from './world.ts'

const H47 = code('H47')
const tree = after(EMPTY, established('H17'), established('H47'), established('H47.05', 'H47'), {
  act: 'add-alias',
  on: '2020-09-15',
  code: H47,
  alias: '000.00.00.H47',
  form: 'qcvn-13',
})
const told = (...acts: Act[]) => {
  const { faults, warnings } = tried(tree, ...acts)
  return [...faults, ...warnings].map(({ code, severity, path }) => `${severity} ${code} ${path}`)
}
const rename = (name: string, on = '2025-07-01', id = 'H47') =>
  ({ act: 'rename', on, code: code(id), name }) as const

test('each act sees what those before it did, and all faults are told together', async (t) => {
  const { delta, faults } = tried(
    tree,
    established('H47.06', 'H47', 'province', '2025-07-01'),
    { act: 'move', on: '2025-08-01', code: code('H47.06'), parent: code('H17') },
    rename('?', '2025-07-01', 'H99'),
    { act: 'move', on: '2025-07-01', code: H47, parent: code('H47.05') },
  )
  t.match(
    faults.map(({ code, path }) => [code, path]),
    [
      ['agency-unknown', '#/content/2/code'],
      ['parent-cycle', '#/content/3'],
    ],
  )
  t.same(delta, { asserted: [], retracted: [] })
})

test('what cannot be established', async (t) => {
  const establish = (fields: Partial<Extract<Act, { act: 'establish' }>>): Act => ({
    act: 'establish',
    on: '2025-07-01',
    code: code('H90'),
    name: 'Mới',
    tier: 'commune',
    parent: null,
    ...fields,
  })
  t.same(told(establish({ code: H47 })), ['error code-taken #/content/0/code'])
  t.same(told(establish({ code: code('000.00.00.H47') })), ['error code-taken #/content/0/code'])
  t.same(told(establish({ until: '2025-07-01' })), ['error days-reversed #/content/0/until'])
  t.same(told(establish({ tier: 'huyen' })), ['error tier-unknown #/content/0/tier'])
  t.same(told(establish({ tier: 'district' })), ['error tier-closed #/content/0/tier'])
  t.same(told(establish({ tier: 'district', on: '2025-06-30' })), ['warning tier-closed #/content/0'])
  t.same(told(establish({ parent: code('H90') })), ['error parent-cycle #/content/0'])
  t.same(told(establish({ on: '2020-01-01', parent: H47 })), ['warning parent-closed #/content/0'])
  const aliases = ['H90', '000.00.00.H47', 'H17'].map((alias) => ({ alias, form: 'free' as const }))
  t.same(told(establish({ aliases })), [
    'error alias-repeated #/content/0/aliases/0/alias',
    'error alias-taken #/content/0/aliases/1/alias',
    'error alias-taken #/content/0/aliases/2/alias',
  ])
})

test('an unknown code comes with the one that was perhaps meant', async (t) => {
  const expected = (parent: string) =>
    tried(tree, established('H90', parent, 'commune', '2025-07-01')).faults[0]?.expected
  t.equal(expected('000.00.00.H47'), 'H47', 'by alias')
  t.equal(expected('000.00.05.H47'), 'H47.05', 'by the usual rewriting')
  t.equal(expected('000.00.06.H47'), undefined)
})

test('a code that is used again no longer leads to its successor', async (t) => {
  const closed = after(tree, { act: 'close', on: '2025-07-01', code: code('H47.05'), successor: code('H17') })
  const outcome = tried(closed, established('H47.05', 'H47', 'province', '2025-09-01'))
  t.same(codesOf(outcome.warnings), ['code-used-before'])
  const again = applied(closed, outcome.delta)
  t.ok(again.fact(code('H47.05'), 'succession', '2025-08-31'))
  t.notOk(again.fact(code('H47.05'), 'succession', '2025-09-01'))
})

test('what is planned for later stays, and is told', async (t) => {
  const planned = after(tree, rename('Sau', '2025-09-01'))
  const outcome = tried(planned, rename('Trước'))
  t.match(outcome.warnings, [{ code: 'later-change-planned', found: '2025-09-01' }])
  const both = applied(planned, outcome.delta)
  const name = (day: string) => both.agency(H47, day)?.name
  t.same(['2025-06-30', '2025-07-01', '2025-08-31', '2025-09-01'].map(name), [
    'Cơ quan H47',
    'Trước',
    'Trước',
    'Sau',
  ])
})

test('what fits today and not on a later day is refused', async (t) => {
  const planned = after(tree, { act: 'move', on: '2025-09-01', code: code('H17'), parent: code('H47.05') })
  const { faults } = tried(planned, { act: 'move', on: '2025-07-01', code: H47, parent: code('H17') })
  t.match(faults, [{ code: 'parent-cycle', hint: { en: /On 2025-09-01/ } }])
})

test('saying what the directory says already changes nothing', async (t) => {
  const { delta, warnings } = tried(tree, rename('Cơ quan H47'))
  t.same(codesOf(warnings), ['nothing-changes'])
  t.same(delta, { asserted: [], retracted: [] })
  t.same(told({ act: 'set-endpoint', on: '2025-07-01', code: H47, endpoint: null }), [
    'warning nothing-changes #/content/0/endpoint',
  ])
})

test('what an agency has for a while ends with it', async (t) => {
  const planned = after(tree, { act: 'close', on: '2025-09-01', code: H47, successor: code('H17') })
  const der = Buffer.from('certificate')
  const digest = sha256(createHash('sha256').update(der).digest('hex'))
  const certificate = { sha256: digest, der: der.toString('base64') }
  const signing = after(planned, { act: 'add-certificate', on: '2025-07-01', code: H47, certificate })
  t.equal(signing.factsOfKind(H47, 'certificate')[0]?.validTo, '2025-09-01')
  t.same(signing.certificatesOf(H47, '2025-08-31'), [certificate])
  t.same(signing.certificatesOf(H47, '2025-09-01'), [])
  const wrong = { ...certificate, sha256: sha256('0'.repeat(64)) }
  const refused = tried(planned, { act: 'add-certificate', on: '2025-07-01', code: H47, certificate: wrong })
  t.match(refused.faults, [{ code: 'certificate-digest-wrong', expected: digest }])
  const ended = after(signing, { act: 'end-certificate', on: '2025-07-15', code: H47, sha256: digest })
  t.same(ended.certificatesOf(H47, '2025-07-15'), [])
})

test('what is not there cannot be ended', async (t) => {
  const on = '2025-07-01'
  t.same(told({ act: 'end-alias', on, code: H47, alias: 'x' }), ['error nothing-to-end #/content/0/alias'])
  t.same(told({ act: 'end-contact', on, code: H47, role: 'x' }), ['error nothing-to-end #/content/0/role'])
  t.same(told({ act: 'end-group', on, code: code('NHOM') }), ['error nothing-to-end #/content/0/code'])
  t.same(told({ act: 'move', on, code: H47 }), ['error move-to-nowhere #/content/0'])
})

test('groups and agencies share their codes', async (t) => {
  const group = (id: string, members: Extract<Act, { act: 'set-group' }>['members']): Act => ({
    act: 'set-group',
    on: '2025-07-01',
    code: code(id),
    name: 'Nhóm',
    members,
  })
  t.same(told(group('H47', { codes: [code('H17')] })), ['error code-taken #/content/0/code'])
  t.same(told(group('NHOM', { codes: [code('H17'), code('H99')] })), [
    'error member-unknown #/content/0/members/codes/1',
  ])
  t.same(told(group('NHOM', { tier: 'huyen', under: code('H99') })), [
    'error member-unknown #/content/0/members/under',
    'error tier-unknown #/content/0/members/tier',
  ])
  t.same(told(group('NHOM', { codes: [code('H17')] }), group('NHOM2', { codes: [code('NHOM')] })), [
    'error member-unknown #/content/1/members/codes/0',
  ])
  t.same(told(group('NHOM', { codes: [code('H17')] }), established('NHOM', null, 'province', '2026-01-01')), [
    'error code-taken #/content/1/code',
  ])
})

test('an act of an earlier day corrects the past, and is told to do so; one of today does not', async (t) => {
  const earlier = tried(tree, rename('Đúng', '2024-01-01'))
  t.match(earlier.notes, [
    {
      correctsPast: true,
      path: '#/content/0',
      changes: [
        {
          subject: 'H47',
          kind: 'name',
          from: '2024-01-01',
          to: null,
          before: { name: 'Cơ quan H47' },
          after: { name: 'Đúng' },
        },
      ],
    },
  ])
  t.equal(earlier.correctsPast, true)
  t.equal(tried(tree, rename('Mới', '2025-06-01')).correctsPast, false)
})

test('a correction takes a fact back and says another in its place', async (t) => {
  const wrong = tree.fact(H47, 'name', '2025-01-01')!
  const instead = {
    subject: H47,
    kind: 'name',
    value: { name: 'Đúng' },
    validFrom: '2020-09-15',
    validTo: null,
  } as const
  const outcome = tried(tree, { act: 'correct', facts: [wrong.id], instead: [instead] })
  t.same(outcome.delta, { asserted: [instead], retracted: [wrong.id] })
  t.ok(outcome.correctsPast)
  t.equal(applied(tree, outcome.delta).agency(H47, '2021-01-01')?.name, 'Đúng')
  t.equal(tree.agency(H47, '2021-01-01')?.name, 'Cơ quan H47', 'what was known before stays as it was')
})

test('a correction must leave a directory that makes sense on every day', async (t) => {
  const ids = (kind: 'existence' | 'name' | 'placement') => tree.factsOfKind(H47, kind).map(({ id }) => id)
  const days = { subject: H47, validFrom: '2021-01-01', validTo: null }
  const correct = (facts: number[], ...instead: Extract<Act, { act: 'correct' }>['instead']): Act => ({
    act: 'correct',
    facts,
    instead,
  })
  const faults = (act: Act) => codesOf(tried(tree, act).faults)
  t.same(faults(correct([])), ['correction-empty'])
  t.same(faults(correct([999_999, -1])), ['fact-unknown', 'fact-unknown'])
  t.same(faults(correct(ids('name'))), ['name-missing'])
  t.same(faults(correct(ids('placement'))), ['placement-missing'])
  t.same(faults(correct(ids('existence'))), ['fact-while-closed', 'fact-while-closed'])
  t.same(faults(correct([], { ...days, kind: 'name', value: { name: 'Hai' } })), ['facts-overlap'])
  t.same(faults(correct([], { ...days, validTo: '2021-01-01', kind: 'name', value: { name: '' } })), [
    'days-reversed',
  ])
  t.same(
    faults(
      correct(ids('placement'), {
        ...days,
        validFrom: '2020-09-15',
        kind: 'placement',
        value: { tier: 'huyen', parent: code('H99') },
      }),
    ).sort(),
    ['parent-unknown', 'tier-unknown'],
  )
  t.same(faults(correct([], { ...days, kind: 'alias', value: { alias: 'H17', form: 'free' } })), [
    'alias-taken',
  ])
  const succession = {
    act: 'closure',
    heirs: [{ code: code('H99') }],
    main: code('H99'),
    whenAddressed: 'redirect',
    whenInFlight: 'redirect',
    basis: null,
  } as const
  t.same(faults(correct([], { ...days, kind: 'succession', value: succession })).sort(), [
    'heir-unknown',
    'succession-while-open',
  ])
  t.same(faults(correct([], { ...days, kind: 'group', value: { name: '', members: {} } })), ['code-taken'])
})
