import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { checkFacts } from '../../../../src/directory/seed/check-facts.ts'
import { generateDirectory, REAL_SIZE } from '../../../../src/directory/seed/generate.ts'
import { isFault, readFact } from '../../../../src/directory/seed/read-fact.ts'
import { resolveAddress } from '../../../../src/directory/snapshot/resolve-address.ts'
import { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import { type Fact, holdsOn, type NewFact } from '../../../../src/domain/directory/fact.ts'

const LEVEL_ONE = new URL('../../../../schemas/codes/level-1.ndjson', import.meta.url)
const TIERS = ['central', 'province', 'district', 'commune']

const lines = readFileSync(LEVEL_ONE, 'utf8').trim().split('\n')
const levelOne = lines.map((line, index): NewFact => {
  const read = readFact(line, index + 1)
  if (isFault(read)) throw new Error(read.hint.en)
  return read
})

const asFacts = (facts: readonly NewFact[]): Fact[] =>
  facts.map((fact, index) => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null }))
const snapshotOf = (facts: readonly NewFact[]) => DirectorySnapshot.of(1, asFacts(facts))
const open = (facts: readonly NewFact[], day: string, tier: string) =>
  facts.filter((fact) => fact.kind === 'placement' && fact.value.tier === tier && holdsOn(fact, day)).length

t.test('level 1: 63 provinces became 34, ministries closed, and each heir that was inferred says so', (t) => {
  t.same(checkFacts(levelOne, TIERS), [])
  t.equal(open(levelOne, '2025-06-30', 'province'), 63)
  t.equal(open(levelOne, '2025-07-01', 'province'), 34)
  const snapshot = snapshotOf(levelOne)
  t.equal(snapshot.agency('G10' as never, '2025-04-13')?.name, 'Bộ Nông nghiệp và Phát triển nông thôn')
  t.equal(snapshot.agency('G10' as never, '2025-04-14')?.name, 'Bộ Nông nghiệp và Môi trường')
  for (const closed of ['G04', 'G05', 'G07', 'G13', 'G14', 'G23', 'G24', 'G25', 'G26', 'G34', 'G36'])
    t.notOk(snapshot.isOpen(closed as never, '2025-04-14'), closed)
  t.match(resolveAddress(snapshot, '000.00.00.H47', { day: '2025-07-01' }), {
    outcome: 'agency',
    agency: { code: 'H17' },
    hops: [{ from: { name: 'UBND tỉnh Quảng Nam' }, to: { name: 'UBND thành phố Đà Nẵng' } }],
  })
  for (const line of lines) {
    const { kind, value, inferred } = JSON.parse(line)
    if (kind !== 'succession') continue
    t.equal(inferred === true, value.heirs.length > 0)
    t.equal(/\(suy ra\)$/.test(value.basis), value.heirs.length > 0)
  }
  t.end()
})

t.test('the whole country: the numbers that were published, and nothing that does not fit together', (t) => {
  const facts = [...generateDirectory({ levelOne, agencies: REAL_SIZE, seed: 1 })]
  const existing = facts.filter(({ kind }) => kind === 'existence')
  for (const day of ['2025-07-01', '2025-10-15'])
    t.equal(existing.filter((fact) => holdsOn(fact, day)).length, 111_339, day)
  t.equal(open(facts, '2025-07-01', 'district'), 0)
  const named = (pattern: RegExp, day: string) =>
    facts.filter((fact) => fact.kind === 'name' && pattern.test(fact.value.name) && holdsOn(fact, day)).length
  t.equal(named(/^UBND huyện /, '2025-06-30'), 696)
  t.equal(named(/^UBND (xã|phường) /, '2025-06-30'), 10_035)
  t.equal(named(/^UBND (xã|phường) /, '2025-07-01'), 3_321)
  t.same(checkFacts(facts, TIERS), [])
  for (const { subject } of facts) if (!/^[A-Z][0-9A-Z]*(\.[0-9A-Z]+)*$/.test(subject)) t.fail(subject)
  const again = createHash('sha256')
  const first = createHash('sha256')
  for (const fact of facts) first.update(JSON.stringify(fact))
  for (const fact of generateDirectory({ levelOne, agencies: REAL_SIZE, seed: 1 }))
    again.update(JSON.stringify(fact))
  t.equal(again.digest('hex'), first.digest('hex'), 'the same seed gives the same facts')
  t.end()
})

t.test('some provinces only, with the change on another day; every code leads somewhere after it', (t) => {
  const facts = [
    ...generateDirectory({ levelOne, seed: 7, provinces: ['H17', 'H57'], changeDay: '2031-05-01' }),
  ]
  t.same(checkFacts(facts, TIERS), [])
  t.equal(open(facts, '2031-04-30', 'province') - open(facts, '2031-05-01', 'province'), 29 + 14)
  const snapshot = snapshotOf(facts)
  const outcomes = new Set<string>()
  for (const { kind, subject } of facts) {
    if (kind !== 'existence') continue
    const resolution = resolveAddress(snapshot, subject, { day: '2031-05-01' })
    outcomes.add(resolution.outcome === 'unresolvable' ? resolution.reason : resolution.outcome)
  }
  t.same([...outcomes].sort(), ['agency', 'closed-and-bounced', 'closed-without-successor'])
  t.throws(() => [...generateDirectory({ levelOne, seed: 1, agencies: 100 })], RangeError)
  t.end()
})

t.test('a line that is no fact is told with its number', (t) => {
  const good = { subject: 'H01', kind: 'name', value: { name: 'X' }, validFrom: '2025-01-01', validTo: null }
  t.notOk(isFault(readFact(JSON.stringify({ ...good, inferred: true }), 1)))
  t.notOk('inferred' in readFact(JSON.stringify({ ...good, inferred: true }), 1))
  const wrong = {
    'no JSON': '{',
    'no record': '[]',
    'no code': JSON.stringify({ ...good, subject: 'H 01' }),
    'kind of another thing': JSON.stringify({ ...good, kind: 'toString' }),
    'empty name': JSON.stringify({ ...good, value: { name: ' ' } }),
    'day that is none': JSON.stringify({ ...good, validFrom: '2025-02-30' }),
    'days reversed': JSON.stringify({ ...good, validTo: '2024-12-31' }),
    'no validTo': JSON.stringify({ ...good, validTo: undefined }),
  }
  for (const [name, line] of Object.entries(wrong))
    t.match(readFact(line, 7), { code: 'fact-malformed', line: 7 }, name)
  t.end()
})

t.test('facts that do not fit together are named', (t) => {
  const fact = (subject: string, rest: object) =>
    ({ subject, validFrom: '2025-01-01', validTo: null, ...rest }) as NewFact
  const base = [fact('H01', { kind: 'existence', value: {} }), fact('H02', { kind: 'existence', value: {} })]
  const faults = (...more: NewFact[]) => checkFacts([...base, ...more], TIERS).map(({ code }) => code)
  t.same(faults(), [])
  const alias = { kind: 'alias', value: { alias: 'A', form: 'free' } }
  t.same(faults(fact('H01', alias), fact('H02', alias)), ['facts-overlap'], 'one alias, two agencies')
  t.same(
    faults(
      fact('H01', { ...alias, validTo: '2025-02-01' }),
      fact('H02', { ...alias, validFrom: '2025-02-01' }),
    ),
    [],
  )
  t.same(faults(fact('H01', { kind: 'placement', value: { tier: 'county', parent: 'H09' } })), [
    'tier-unknown',
    'agency-unknown',
  ])
  t.same(faults(fact('H03', { kind: 'name', value: { name: 'N' } })), ['agency-unknown'])
  t.end()
})
