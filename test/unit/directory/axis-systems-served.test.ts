import fc from 'fast-check'
import { test } from 'tap'
import { randomOf } from '../../../scripts/bench/routing/random.ts'
import { sendsFor, servedCodes, servesOn } from '../../../src/directory/axis-systems-served.ts'
import { DirectorySnapshot, MAX_DEPTH } from '../../../src/directory/snapshot/snapshot.ts'
import type { Fact, NewFact } from '../../../src/domain/directory/fact.ts'
import { type AgencyCode, agencyCode } from '../../../src/domain/identifiers.ts'
import { CODES, dayAfter, randomFacts } from '../../support/random-world.ts'
import { agencyFacts, type TestAgency } from '../../support/record-facts.ts'

const snapshot = (facts: readonly NewFact[]): DirectorySnapshot =>
  DirectorySnapshot.of(
    1,
    facts.map((fact, index): Fact => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null })),
  )
const directoryOf = (...agencies: TestAgency[]) => snapshot(agencies.flatMap(agencyFacts))
const serving = (...codes: string[]) => ({
  serves: codes.map((text) => ({
    code: agencyCode(text.replace('/*', '')),
    withBeneath: text.endsWith('/*'),
  })),
})

const DAY = '2026-11-22'
const directory = directoryOf(
  { code: 'H90' },
  { code: 'H90.1', parent: 'H90' },
  { code: 'H90.1.1', parent: 'H90.1' },
  { code: 'H90.2', parent: 'H90', validTo: '2025-07-01', successor: 'H90.1' },
  { code: 'H90.3', parent: 'H90', validFrom: '2027-01-01' },
  { code: 'H91' },
  { code: 'H91.1', parent: 'H91' },
)
const served = (...codes: string[]) => [...servedCodes(directory, serving(...codes), DAY)].sort()

test('a system serves those it names, and whoever stands beneath where it says so', async (t) => {
  t.same(served('H90'), ['H90'])
  t.same(
    served('H90/*'),
    ['H90', 'H90.1', 'H90.1.1', 'H90.2'],
    'also who has closed, not who is yet to begin',
  )
  t.same(served('H90.1/*', 'H91'), ['H90.1', 'H90.1.1', 'H91'])
  t.same(served('H90.9'), ['H90.9'], 'a code that is not there yet is served once it is')
  t.same(served(), [])
})

test('who has closed is spoken for by whoever serves those that took over', async (t) => {
  const sends = (served: string, code: string, day = DAY) =>
    sendsFor(serving(served))(directory, agencyCode(code), day)
  t.ok(sends('H90.1', 'H90.2'))
  t.notOk(sends('H90.1', 'H90.2', '2025-06-30'), 'not before')
  t.notOk(sends('H91', 'H90.2'))
  t.notOk(sends('H90.2', 'H90.1'), 'and not the other way round')
})

test('an agency that moves is served with the branch where it stands on the day', async (t) => {
  const moved = snapshot([
    ...agencyFacts({ code: 'H90' }),
    ...agencyFacts({ code: 'H91' }),
    ...agencyFacts({ code: 'X' }).filter(({ kind }) => kind !== 'placement'),
    ...['H90', 'H91'].map(
      (parent, index): NewFact => ({
        subject: agencyCode('X'),
        kind: 'placement',
        value: { tier: 'commune', parent: agencyCode(parent) },
        validFrom: index === 0 ? '2020-01-01' : '2025-07-01',
        validTo: index === 0 ? '2025-07-01' : null,
      }),
    ),
  ])
  const has = (root: string, day: string) =>
    servedCodes(moved, serving(`${root}/*`), day).has(agencyCode('X'))
  t.same([has('H90', '2025-06-30'), has('H91', '2025-06-30')], [true, false])
  t.same([has('H90', '2025-07-01'), has('H91', '2025-07-01')], [false, true])
  t.same(
    [has('H90', '2025-06-30'), has('H91', '2025-06-30')],
    [true, false],
    'one day is not taken for another',
  )
})

test('the same question is answered from memory, and another one is not', async (t) => {
  const first = servedCodes(directory, serving('H90/*'), DAY)
  t.equal(servedCodes(directory, serving('H90/*'), DAY), first, 'also where the system was read anew')
  t.not(servedCodes(directory, serving('H90'), DAY), first)
  t.not(servedCodes(directoryOf({ code: 'H90' }), serving('H90/*'), DAY), first, 'a later revision')
})

test('a hierarchy in a circle, or of any depth, ends', async (t) => {
  const circle = directoryOf(
    { code: 'A', parent: 'C' },
    { code: 'B', parent: 'A' },
    { code: 'C', parent: 'B' },
  )
  t.same([...servedCodes(circle, serving('A/*'), DAY)].sort(), ['A', 'B', 'C'])
  const deep = directoryOf(
    ...Array.from({ length: 50 }, (_, n) => ({ code: `D${n}`, ...(n > 0 && { parent: `D${n - 1}` }) })),
  )
  t.equal(servedCodes(deep, serving('D0/*'), DAY).size, 1 + MAX_DEPTH)
  t.notOk(servesOn(serving('D0/*'))(deep, agencyCode('D49'), DAY))
})

test('what intake asks of one code agrees with the list, for every code of every world', async () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 0, max: 200 }),
      fc.uniqueArray(fc.tuple(fc.constantFrom(...CODES), fc.boolean()), {
        maxLength: 5,
        selector: ([code]) => code,
      }),
      (seed, days, named) => {
        const world = snapshot(randomFacts(randomOf(seed), '2026-01-01'))
        const day = dayAfter('2026-01-01', days)
        const system = { serves: named.map(([code, withBeneath]) => ({ code, withBeneath })) }
        const list = servedCodes(world, system, day)
        const asks = servesOn(system)
        const differing = [...world.codes()].filter(
          (code: AgencyCode) => list.has(code) !== asks(world, code, day),
        )
        return differing.length === 0
      },
    ),
    { numRuns: 60 },
  )
})
