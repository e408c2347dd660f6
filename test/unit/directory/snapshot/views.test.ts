import t from 'tap'
import { agencyEntry, findAgencies } from '../../../../src/directory/snapshot/agency-entry.ts'
import { type AgencyPage, listAgencies } from '../../../../src/directory/snapshot/list-agencies.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { treeOn } from '../../../../src/directory/snapshot/tree.ts'
import type { Fact, NewFact } from '../../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../../src/domain/identifiers.ts'
import { agencyFacts } from '../../../support/record-facts.ts'

const recorded = (facts: readonly NewFact[], assertedIn = 1): Fact[] =>
  facts.map((fact, id) => ({ ...fact, id: assertedIn * 1_000 + id, assertedIn, retractedIn: null }))

const RENAMED: NewFact = {
  subject: agencyCode('H9'),
  kind: 'name',
  value: { name: 'Thành phố Chín' },
  validFrom: '2025-07-01',
  validTo: null,
}

const directory = DirectorySnapshot.of(2, [
  ...recorded([
    ...agencyFacts({ code: 'H9', name: 'Tỉnh Chín', tier: 'province' }).map((fact) =>
      fact.kind === 'name' ? { ...fact, validTo: '2025-07-01' } : fact,
    ),
    ...agencyFacts({
      code: 'H9.1',
      name: 'Huyện Một',
      tier: 'district',
      parent: 'H9',
      validTo: '2025-07-01',
      successor: 'H9.3',
      aliases: ['000.00.01.H09'],
    }),
    ...agencyFacts({ code: 'H9.2', name: 'Xã Hai', parent: 'H9.1' }),
    ...agencyFacts({ code: 'H9.3', name: 'Xã Ba', parent: 'H9', validFrom: '2025-07-01' }),
  ]),
  ...recorded([RENAMED], 2),
])

const found = (page: Partial<AgencyPage>) =>
  listAgencies(directory, { day: '2025-06-30', limit: 10, ...page }).map(({ code }) => code)

t.test('only those open on a day, where no others are wanted', async (t) => {
  t.strictSame(
    ['2019-12-31', '2025-06-30', '2025-07-01'].map((day) => found({ day, open: true })),
    [[], found({ day: '2025-06-30' }).filter((code) => code !== 'H9.3'), ['H9', 'H9.2', 'H9.3']],
  )
  t.strictSame(found({ day: '2025-07-01', open: true, limit: 1, after: 'H9' }), ['H9.2'], 'pages of one')
})

t.test('an agency in one piece, on any day', async (t) => {
  const of = (code: string, day: string) => agencyEntry(directory, agencyCode(code), day)
  t.strictSame(of('H9.1', '2025-06-30'), {
    code: 'H9.1',
    name: 'Huyện Một',
    tier: 'district',
    parent: 'H9',
    validFrom: '2020-01-01',
    validTo: '2025-07-01',
    successor: 'H9.3',
    aliases: ['000.00.01.H09'],
    revision: 1,
  })
  t.match(of('H9', '2025-06-30'), { name: 'Tỉnh Chín', revision: 2 })
  t.match(of('H9', '2025-07-01'), { name: 'Thành phố Chín', successor: null })
  t.match(of('H9.3', '2020-01-01'), { validFrom: '2025-07-01' }, 'before its time as it will first be')
  t.equal(of('X', '2025-07-01'), undefined)
  const named = findAgencies(directory, ['000.00.01.H09', 'H9.2', 'X'], '2026-01-01')
  t.strictSame(
    [...named].map(([spelling, { code }]) => [spelling, code]),
    [
      ['000.00.01.H09', 'H9.1'],
      ['H9.2', 'H9.2'],
    ],
  )
})

t.test('an alias stands with the agency to which it leads', (t) => {
  const given = { alias: 'so-cu', form: 'free' } as const
  const reassigned = DirectorySnapshot.of(
    1,
    recorded([
      ...agencyFacts({ code: 'H8' }),
      ...agencyFacts({ code: 'H7' }),
      {
        subject: agencyCode('H8'),
        kind: 'alias',
        value: given,
        validFrom: '2020-01-01',
        validTo: '2024-01-01',
      },
      { subject: agencyCode('H7'), kind: 'alias', value: given, validFrom: '2025-01-01', validTo: null },
    ]),
  )
  const aliases = (code: string, day: string) => agencyEntry(reassigned, agencyCode(code), day)?.aliases
  t.strictSame(aliases('H8', '2024-06-01'), ['so-cu'], 'one that has ended still leads to it')
  t.strictSame(aliases('H7', '2024-06-01'), [])
  t.strictSame(aliases('H8', '2025-06-01'), [], "it is another agency's since")
  t.strictSame(aliases('H7', '2025-06-01'), ['so-cu'])
  t.end()
})

t.test('pages of the directory', async (t) => {
  t.strictSame(found({}), ['H9', 'H9.1', 'H9.2', 'H9.3'], 'open, closed and still to begin')
  t.strictSame(found({ limit: 2 }), ['H9', 'H9.1'])
  t.strictSame(found({ after: 'H9.1', limit: 1 }), ['H9.2'])
  t.strictSame(found({ after: 'H9.15' }), ['H9.2', 'H9.3'], 'behind a code that is not there')
  t.strictSame(found({ parent: 'H9' }), ['H9.1', 'H9.3'])
  t.strictSame(found({ tier: 'commune' }), ['H9.2', 'H9.3'])
  t.strictSame(found({ text: 'tỉnh' }), ['H9'])
  t.strictSame(found({ text: 'tỉnh', day: '2025-07-01' }), [], 'it is called otherwise by then')
  t.strictSame(found({ text: 'thanh pho', day: '2025-07-01' }), ['H9'])
  t.strictSame(found({ text: 'h9.2' }), ['H9.2'])
})

t.test('the hierarchy of a day', async (t) => {
  const tree = (day: string, limit = 10, depth = 5) => {
    const { rows, isCut } = treeOn(directory, { root: null, day, depth, limit })
    return [...rows.map(({ code, depth, childCount }) => `${code} ${depth} ${childCount}`), isCut]
  }
  t.strictSame(tree('2025-06-30'), ['H9 0 1', 'H9.1 1 1', 'H9.2 2 0', false])
  t.strictSame(
    tree('2025-07-01'),
    ['H9 0 1', 'H9.2 0 0', 'H9.3 1 0', false],
    'whose parent has closed is not lost',
  )
  t.strictSame(tree('2025-06-30', 10, 1), ['H9 0 1', 'H9.1 1 1', false], 'as deep as was asked')
  t.strictSame(tree('2025-06-30', 2), ['H9 0 1', 'H9.1 1 1', true], 'the lowest level is cut first')
})
