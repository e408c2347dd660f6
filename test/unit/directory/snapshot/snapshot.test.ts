import { test } from 'tap'
import { checkDirectory } from '../../../../src/directory/acts/check-every-day.ts'
import { recordOn } from '../../../../src/directory/snapshot/record-on.ts'
import { resolveAddress } from '../../../../src/directory/snapshot/resolve-address.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { treeOn } from '../../../../src/directory/snapshot/tree.ts'
import type { Fact, NewFact } from '../../../../src/domain/directory/fact.ts'
import { SEED_TIERS } from '../../../../src/domain/tier.ts'
import { after, code, EMPTY, established } from '../acts/world.ts'

const H47 = code('H47')
const tree = after(
  EMPTY,
  established('H17'),
  established('H47'),
  established('H47.05', 'H47'),
  established('H47.05.02', 'H47.05', 'commune'),
)
const endpoint = (url: string, reaches: 'itself' | 'subtree') =>
  ({ channel: 'https-push', url, reaches }) as const

/** A directory from bare facts: also such as no act would let through. */
const bare = (...facts: NewFact[]): DirectorySnapshot =>
  DirectorySnapshot.of(
    1,
    facts.map((fact, index): Fact => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null })),
  )
const always = { validFrom: '2020-01-01', validTo: null }

test('an endpoint is its own, or the nearest above that reaches everybody beneath', async (t) => {
  const set = (id: string, url: string, reaches: 'itself' | 'subtree') =>
    ({
      act: 'set-endpoint',
      on: '2025-01-01',
      code: code(id),
      endpoint: endpoint(url, reaches),
      until: '2025-06-01',
    }) as const
  const directory = after(
    tree,
    set('H47', 'https://tinh.example', 'subtree'),
    set('H47.05', 'https://so.example', 'itself'),
  )
  const url = (id: string, day: string) => {
    const found = directory.endpointFor(code(id), day)
    return found && [found.of, found.endpoint.url]
  }
  t.same(url('H47.05', '2025-01-01'), ['H47.05', 'https://so.example'])
  t.same(
    url('H47.05.02', '2025-01-01'),
    ['H47', 'https://tinh.example'],
    'one that reaches itself is passed over',
  )
  t.equal(url('H17', '2025-01-01'), undefined)
  t.equal(url('H47', '2025-06-01'), undefined, 'it has ended')
  t.equal(url('H47', '2024-12-31'), undefined, 'it has not begun')
})

test('an alias leads to whoever bears it on the day, else to the latest before, never to a later one', async (t) => {
  const directory = after(
    after(
      tree,
      { act: 'add-alias', on: '2021-01-01', code: H47, alias: 'x', form: 'free' },
      { act: 'end-alias', on: '2023-01-01', code: H47, alias: 'x' },
    ),
    { act: 'add-alias', on: '2024-01-01', code: code('H17'), alias: 'x', form: 'code102' },
  )
  const leads = (day: string) => directory.codeOf('x', day)?.code
  t.equal(leads('2020-12-31'), undefined)
  t.equal(leads('2021-01-01'), 'H47')
  t.equal(leads('2023-06-01'), 'H47', 'what was written long ago')
  t.equal(leads('2024-01-01'), 'H17')
  t.same(directory.spellingsOf(H47, '2023-06-01'), ['H47', 'x'])
  t.same(directory.spellingsOf(H47, '2024-01-01'), ['H47'], 'another bears it now')
})

test('beneath an agency that has closed the way goes on, downwards as upwards', async (t) => {
  const close = { act: 'close', on: '2025-07-01', code: code('H47.05'), successor: null } as const
  const directory = after(tree, close)
  t.same(directory.ancestors(code('H47.05.02'), '2025-07-01'), ['H47.05', 'H47'])
  t.same(directory.subtreeOn(H47, '2025-07-01'), ['H47.05.02'])
})

test('the hierarchy of any day, so far down as is asked', async (t) => {
  const directory = after(tree, { act: 'move', on: '2025-07-01', code: code('H47.05'), parent: code('H17') })
  const shape = (day: string, root: string | null, depth: number) =>
    treeOn(directory, { day, root: root === null ? null : code(root), depth, limit: 100 }).rows.map((row) => [
      row.code,
      row.depth,
      row.childCount,
    ])
  t.same(shape('2025-06-30', null, 1), [
    ['H17', 0, 0],
    ['H47', 0, 1],
    ['H47.05', 1, 1],
  ])
  t.same(shape('2025-07-01', 'H17', 2), [
    ['H17', 0, 1],
    ['H47.05', 1, 1],
    ['H47.05.02', 2, 0],
  ])
  t.same(shape('2019-01-01', null, 3), [])
  t.ok(treeOn(directory, { day: '2025-07-01', root: null, depth: 9, limit: 2 }).isCut)
  t.same(directory.subtreeOn(H47, '2025-06-30').sort(), ['H47.05', 'H47.05.02'])
  t.ok(directory.isUnder(code('H47.05.02'), code('H17'), '2025-07-01'))
  t.notOk(directory.isUnder(code('H47.05.02'), code('H17'), '2025-06-30'))
})

test('who stands above one that is yet to begin is not said before it does', async (t) => {
  const early = after(
    tree,
    established('H47.07', 'H47', 'province', '2025-09-01'),
    established('H47.07.01', 'H47.07', 'commune', '2025-07-01'),
  )
  t.same(early.ancestors(code('H47.07.01'), '2025-08-31'), ['H47.07'])
  t.same(early.ancestors(code('H47.07.01'), '2025-09-01'), ['H47.07', 'H47'])
})

test('a record tells what is said of an agency for one day', async (t) => {
  const directory = after(tree, {
    act: 'close',
    on: '2025-07-01',
    code: code('H47.05.02'),
    successor: code('H47.05'),
  })
  t.match(recordOn(directory, code('H47.05.02'), '2025-06-30'), {
    open: true,
    validFrom: '2020-09-15',
    validTo: '2025-07-01',
    succession: null,
    lastTouchedRevision: 2,
  })
  t.match(recordOn(directory, code('H47.05.02'), '2025-07-01'), {
    open: false,
    name: 'Cơ quan H47.05.02',
    succession: { act: 'closure', main: 'H47.05' },
  })
  t.equal(recordOn(directory, code('H99'), '2025-07-01'), undefined)
})

test('facts that lead in circles end all the same, and are told', async (t) => {
  const circle = bare(
    ...(['A', 'B'] as const).flatMap((id): NewFact[] => [
      { ...always, subject: code(id), kind: 'existence', value: {}, validTo: '2025-01-01' },
      { ...always, subject: code(id), kind: 'name', value: { name: id }, validTo: '2025-01-01' },
      {
        ...always,
        subject: code(id),
        kind: 'placement',
        value: { tier: 'commune', parent: code(id === 'A' ? 'B' : 'A') },
        validTo: '2025-01-01',
      },
      {
        subject: code(id),
        kind: 'succession',
        validFrom: '2025-01-01',
        validTo: null,
        value: {
          act: 'merge',
          heirs: [{ code: code(id === 'A' ? 'B' : 'A') }],
          main: code(id === 'A' ? 'B' : 'A'),
          whenAddressed: 'redirect',
          whenInFlight: 'redirect',
          basis: null,
        },
      },
    ]),
  )
  t.same(circle.ancestors(code('A'), '2024-01-01'), ['B'])
  t.same(circle.subtreeOn(code('A'), '2024-01-01'), ['B'])
  t.match(resolveAddress(circle, 'A', { day: '2025-01-01' }), {
    outcome: 'unresolvable',
    reason: 'closed-without-successor',
  })
  t.equal(treeOn(circle, { day: '2024-01-01', root: code('A'), depth: 30, limit: 10 }).rows.length, 10)
  t.same([...new Set(checkDirectory(circle, SEED_TIERS).map(({ code, path }) => `${code} ${path}`))].sort(), [
    'parent-cycle A/placement',
    'parent-cycle B/placement',
    'successor-cycle A/succession',
    'successor-cycle B/succession',
  ])
  t.same(checkDirectory(tree, SEED_TIERS), [])
  t.equal(checkDirectory(circle, SEED_TIERS, 2).length, 2)
})
