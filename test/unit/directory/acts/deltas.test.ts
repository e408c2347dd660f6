import fc from 'fast-check'
import { test } from 'tap'
import { changesOf } from '../../../../src/directory/acts/changes.ts'
import { compact } from '../../../../src/directory/acts/compact.ts'
import { type Fact, holdsOn, type NewFact } from '../../../../src/domain/directory/fact.ts'
import { canonical } from '../../../../src/domain/directory/fact-values.ts'
import { code } from './world.ts'

const DAYS = Array.from({ length: 10 }, (_, day) => `2025-07-${String(day + 1).padStart(2, '0')}`)

/** Names of one agency, one after the other, some days without any. */
const names: fc.Arbitrary<Fact[]> = fc
  .tuple(
    fc.uniqueArray(fc.nat(9), { minLength: 2, maxLength: 6 }),
    fc.array(fc.constantFrom('A', 'B'), { minLength: 6, maxLength: 6 }),
    fc.nat(63),
  )
  .map(([bounds, values, kept]) =>
    bounds
      .sort((a, b) => a - b)
      .map((from, at, all) => ({
        id: at + 1,
        subject: code('H47'),
        kind: 'name' as const,
        value: { name: values[at]! },
        validFrom: DAYS[from]!,
        validTo: at + 1 < all.length ? DAYS[all[at + 1]!]! : null,
        assertedIn: 1,
        retractedIn: null,
      }))
      .filter((_, at) => (kept >> at) & 1),
  )
const said = (facts: readonly NewFact[], day: string) =>
  canonical(facts.filter((fact) => holdsOn(fact, day)).map(({ value }) => value))

test('the smallest delta leaves every day as it was meant to be', async () => {
  fc.assert(
    fc.property(names, names, (before, after) => {
      const { asserted, retracted } = compact(before, after)
      const left = [...before.filter(({ id }) => !retracted.includes(id)), ...asserted]
      return DAYS.every((day) => said(left, day) === said(after, day)) && asserted.length <= after.length
    }),
  )
})

test('saying again what is taken back does nothing, also where two facts say the same', async () => {
  fc.assert(
    fc.property(names, (facts) => {
      const { asserted, retracted } = compact(facts, facts)
      return asserted.length === 0 && retracted.length === 0
    }),
  )
})

test('changes are told for exactly the days on which something is otherwise', async () => {
  fc.assert(
    fc.property(names, names, (before, after) => {
      const changes = changesOf(before, after)
      return DAYS.every((day) => {
        const told = changes.filter(({ from, to }) => holdsOn({ validFrom: from, validTo: to }, day))
        return said(before, day) === said(after, day) ? told.length === 0 : told.length === 1
      })
    }),
  )
})

test('values are compared by what they say, not by the order in which it is written', async (t) => {
  t.equal(canonical({ a: 1, b: [{ c: null, d: undefined }] }), canonical({ b: [{ c: null }], a: 1 }))
  t.not(canonical({ a: 1 }), canonical({ a: '1' }))
  t.not(canonical(['a', 'b']), canonical(['b', 'a']))
})
