import t from 'tap'
import type { ListedAgency, SynchronizedUnit } from '../../../src/axis/answers.ts'
import { compareTold } from '../../../src/connector/compare-told.ts'
import { soundActs } from '../../../src/connector/sound-acts.ts'
import type { ToldDirectory } from '../../../src/connector/told-agencies.ts'
import { atOnce } from '../../../src/directory/slices.ts'
import { DirectorySnapshot } from '../../../src/directory/snapshot/snapshot.ts'
import type { Act } from '../../../src/domain/directory/act.ts'
import type { Fact, NewFact } from '../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { SEED_TIERS } from '../../../src/domain/tier.ts'
import { agencyFacts } from '../../support/record-facts.ts'

const DAY = '2026-11-22'

const alias = (code: string, spelling: string): NewFact => ({
  subject: agencyCode(code),
  kind: 'alias',
  value: { alias: spelling, form: 'qcvn-13' },
  validFrom: '2020-01-01',
  validTo: null,
})

/** Two provinces, of which H90 is at home; a district of H91 that has closed, with a commune that stayed. */
const WORLD: readonly NewFact[] = [
  ...agencyFacts({ code: 'G90', tier: 'central', name: 'Bộ Thử nghiệm' }),
  ...agencyFacts({ code: 'H90', tier: 'province', name: 'Tỉnh Nhà' }),
  ...agencyFacts({ code: 'H90.1', parent: 'H90', name: 'Xã Nhà' }),
  ...agencyFacts({ code: 'H91', tier: 'province', name: 'Tỉnh Bạn' }),
  alias('H91', '000.00.00.H91'),
  ...agencyFacts({ code: 'H91.1', parent: 'H91', name: 'Xã Một' }),
  ...agencyFacts({ code: 'H91.2', parent: 'H91.9', name: 'Xã Hai' }),
  ...agencyFacts({ code: 'H91.9', tier: 'district', parent: 'H91', name: 'Huyện', validTo: '2025-07-01' }),
  ...agencyFacts({ code: 'H91.8', parent: 'H91', name: 'Xã Tương lai', validFrom: '2027-01-01' }),
]

const directory = DirectorySnapshot.of(
  1,
  WORLD.map((fact, id): Fact => ({ ...fact, id: id + 1, assertedIn: 1, retractedIn: null })),
)

const listed = (code: string, name: string, pid = '', more: Partial<ListedAgency> = {}): ListedAgency => ({
  id: code,
  pid,
  code,
  name,
  mail: '',
  ...more,
})

const unit = (code: string, deleted = true): SynchronizedUnit => ({
  ...listed(code, code),
  version: 1,
  centerCode: '',
  deleted,
  modifyDate: '',
  isAgency: true,
})

function compare(agencies: readonly ListedAgency[], more: Partial<ToldDirectory> = {}) {
  const told = { agencies, qd20: [], units: [], ...more }
  const { acts, remarks } = atOnce(compareTold(told, { directory, day: DAY, home: [agencyCode('H90')] }))
  return { acts, remarks: remarks.map(({ code, found }) => `${code} ${found}`).sort() }
}

/** Without the day, which is the same in all. */
const short = (acts: readonly Act[]) => acts.map(({ act, ...rest }) => ({ act, ...rest, on: undefined }))

const AS_HERE = [
  listed('G90', 'Bộ Thử nghiệm'),
  listed('H91', 'Tỉnh Bạn', '', { oldCode: '000.00.00.H91' }),
  listed('H91.1', 'Xã  Một ', 'H91'),
  listed('H91.2', 'Xã Hai', 'H91'),
  listed('H90', 'Tỉnh Nhà'),
  listed('H90.1', 'Xã Nhà', 'H90'),
]

t.test('the same directory makes no act and no remark', (t) => {
  t.same(compare(AS_HERE), { acts: [], remarks: [] })
  t.same(compare([]), { acts: [], remarks: [] }, 'who is not listed is not touched')
  t.same(
    compare([listed('000.00.00.H91', 'Tỉnh Bạn'), listed('H91.1', 'Xã Một', '000.00.00.H91')]),
    { acts: [], remarks: [] },
    'by their old codes',
  )
  t.same(
    compare([listed('H91.1', 'Xã Một'.normalize('NFD'), 'H91'), listed('H91', 'Tỉnh Bạn')]).acts,
    [],
    'with diacritics apart',
  )
  t.end()
})

t.test('another name, another place, another code, the end', (t) => {
  const { acts, remarks } = compare(
    [
      listed('H91', 'Tỉnh Bạn'),
      listed('G90', 'Bộ Mới', '', { oldCode: '000.00.00.G90' }),
      listed('H91.1', 'Xã Một', 'G90'),
    ],
    { units: [unit('H91.2'), unit('X1'), unit('H91.9')] },
  )
  t.match(acts, [
    { act: 'rename', code: 'G90', name: 'Bộ Mới', on: DAY },
    { act: 'add-alias', code: 'G90', alias: '000.00.00.G90', form: 'code102' },
    { act: 'move', code: 'H91.1', parent: 'G90' },
    { act: 'close', code: 'H91.2', successor: null },
  ])
  t.equal(acts.length, 4)
  t.same(remarks, [])
  t.end()
})

t.test('who is new comes after who is above, in whatever order they are listed', (t) => {
  const { acts, remarks } = compare(
    [
      listed('H91.5.1.1', 'Tổ', 'c'),
      listed('H91.5.1', 'Phòng', 'b', { id: 'c' }),
      listed('H91.5', 'Sở', 'a', { id: 'b' }),
      listed('H91', 'Tỉnh Bạn', '0', { id: 'a' }),
      listed('000.00.00.K90', 'Cơ quan Mới', ''),
    ],
    { qd20: [{ id: '1', code: 'K90', name: 'Cơ quan Mới', mail: '', code102: '000.00.00.K90' }] },
  )
  t.same(short(acts), [
    { act: 'establish', code: 'H91.5', name: 'Sở', tier: 'commune', parent: 'H91', on: undefined },
    { act: 'establish', code: 'H91.5.1', name: 'Phòng', tier: 'commune', parent: 'H91.5', on: undefined },
    { act: 'establish', code: 'H91.5.1.1', name: 'Tổ', tier: 'commune', parent: 'H91.5.1', on: undefined },
    {
      act: 'establish',
      code: 'K90',
      name: 'Cơ quan Mới',
      tier: 'central',
      parent: null,
      aliases: [{ alias: '000.00.00.K90', form: 'code102' }],
      on: undefined,
    },
  ])
  t.same(remarks, [])
  t.end()
})

t.test('of agencies at home nobody else’s word counts', (t) => {
  const { acts, remarks } = compare(
    [
      listed('H90', 'Tỉnh Bị đổi tên'),
      listed('H90.1', 'Xã Nhà', 'H91'),
      listed('H90.2', 'Xã lạ', 'H90'),
      listed('H90.2.1', 'Tổ lạ', 'H90.2'),
      listed('H91', 'Tỉnh Bạn'),
      listed('H91.1', 'Xã Một', 'H90.1'),
      listed('G90', 'Bộ Thử nghiệm', 'H90'),
    ],
    { units: [unit('H90.1', true)] },
  )
  t.same(acts, [])
  t.same(remarks, [
    'told-beneath-home G90',
    'told-beneath-home H90.2',
    'told-beneath-home H91.1',
    'told-end-contradicted H90.1',
    'told-of-home H90',
    'told-of-home H90.1',
    'told-parent-unknown H90.2.1',
  ])
  t.same(compare([], { units: [unit('H90'), unit('H90.1')] }), {
    acts: [],
    remarks: ['told-of-home H90', 'told-of-home H90.1'],
  })
  t.end()
})

t.test('what contradicts itself, or what is known here, is named and left out', (t) => {
  const cases: [string, Parameters<typeof compare>, string[]][] = [
    ['twice under two names', [[listed('K1', 'A'), listed('K1', 'B')]], ['told-twice K1']],
    ['twice in two places', [[listed('K1', 'A'), listed('K1', 'A', 'K1')]], ['told-twice K1']],
    ['no name', [[listed('K1', ' ')]], ['told-malformed K1']],
    ['a code with a blank', [[listed('K 1', 'A')]], ['told-malformed K 1']],
    ['a long code', [[listed('K'.repeat(36), 'A')]], [`told-malformed ${'K'.repeat(36)}`]],
    ['a name with a control character', [[listed('K1', 'A\u0000B')]], ['told-malformed K1']],
    ['closed here', [[listed('H91.9', 'Huyện')]], ['told-closed-here H91.9']],
    ['yet to begin here', [[listed('H91.8', 'Xã Tương lai')]], ['told-not-begun-here H91.8']],
    ['beneath who is not listed', [[listed('K1', 'A', '77')]], ['told-parent-unknown K1']],
    [
      'beneath who is closed here',
      [[listed('H91.9', 'Huyện'), listed('K1', 'A', 'H91.9')]],
      ['told-closed-here H91.9', 'told-parent-unknown K1'],
    ],
    [
      'in a circle',
      [[listed('K1', 'A', 'K2'), listed('K2', 'B', 'K1')]],
      ['told-parent-unknown K1', 'told-parent-unknown K2'],
    ],
    ['beneath itself', [[listed('K1', 'A', 'K1')]], ['told-parent-unknown K1']],
    [
      'one id for two',
      [
        [
          listed('K1', 'A', '7'),
          listed('G90', 'Bộ Thử nghiệm', '', { id: '7' }),
          listed('H91', 'Tỉnh Bạn', '', { id: '7' }),
        ],
      ],
      ['told-parent-unknown K1'],
    ],
    [
      'two there, one here',
      [[listed('H91', 'Tỉnh Bạn'), listed('000.00.00.H91', 'Tỉnh khác')]],
      ['told-same-agency 000.00.00.H91'],
    ],
    [
      'one there, two here',
      [
        [listed('K1', 'A', '', { oldCode: 'H91' })],
        { qd20: [{ id: '', code: 'K1', name: '', mail: '', code102: 'G90' }] },
      ],
      ['told-codes-of-several K1'],
    ],
    [
      'deleted and open',
      [[listed('G90', 'Bộ Thử nghiệm')], { units: [unit('G90')] }],
      ['told-end-contradicted G90'],
    ],
    ['deleted twice over', [[], { units: [unit('G90'), unit('G90', false)] }], ['told-end-contradicted G90']],
  ]
  for (const [what, given, remarks] of cases) t.same(compare(...given), { acts: [], remarks }, what)
  t.same(compare([], { units: [unit('000.00.00.H91')] }).acts, [], 'an alias of who is deleted ends nobody')
  t.end()
})

t.test('what is above home is not closed', (t) => {
  const told = { agencies: [], qd20: [], units: [unit('H91')] }
  const { acts, remarks } = atOnce(compareTold(told, { directory, day: DAY, home: [agencyCode('H91.1')] }))
  t.same(acts, [])
  t.match(remarks, [{ code: 'told-end-above-home', found: 'H91' }])
  t.end()
})

t.test('acts that the directory refuses hold up no others', (t) => {
  const on = DAY
  const acts: Act[] = [
    { act: 'establish', on, code: agencyCode('K1'), name: 'A', tier: 'none', parent: null },
    { act: 'establish', on, code: agencyCode('K1.1'), name: 'B', tier: 'central', parent: agencyCode('K1') },
    { act: 'rename', on, code: agencyCode('G90'), name: 'Bộ Mới' },
    { act: 'rename', on, code: agencyCode('H91.9'), name: 'Huyện Mới' },
  ]
  const sound = atOnce(soundActs(directory, acts, { today: DAY, tiers: SEED_TIERS }))
  t.same(sound.acts, [acts[2]])
  t.same(
    sound.remarks.map(({ code, severity, found }) => [code, severity, found]),
    [
      ['tier-unknown', 'warning', 'K1'],
      ['agency-not-open', 'warning', 'H91.9'],
      ['told-parent-unknown', 'warning', 'K1.1'],
    ],
  )
  t.end()
})

t.test('lists that repeat themselves take time in proportion to their length', (t) => {
  const many = 60_000
  const ofOne = Array.from({ length: many }, (_, index) => listed(`K${index}`, 'A', '', { oldCode: 'H91' }))
  t.equal(compare(ofOne).remarks.length, many)
  const spelled = Array.from({ length: many }, (_, index) =>
    listed('K1', 'A', '', { oldCode: `cu-${index}` }),
  )
  const [act] = compare(spelled).acts
  t.equal(act?.act === 'establish' && act.aliases?.length, 20)
  const line = Array.from({ length: many }, (_, index) => listed(`K${index}`, 'A', `K${index + 1}`))
  t.equal(compare(line).remarks.length, many, 'a line of parents that ends nowhere')
  t.end()
})
