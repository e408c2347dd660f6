import { test } from 'tap'
import type { Act } from '../../../../src/domain/directory/act.ts'
import type { NewFact } from '../../../../src/domain/directory/fact.ts'
import { workTime } from '../../../support/work-time.ts'
import { after, code, codesOf, EMPTY, established, tried } from './world.ts'

const world = after(EMPTY, established('H1'))
const day = (number: number) => new Date(Date.UTC(2100, 0, 1 + number)).toISOString().slice(0, 10)
const correct = (instead: NewFact[]): Act => ({ act: 'correct', facts: [], instead })
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))

/** Minutes where each fact is held against all the others. */
const BOUND_MS = 6_000

const VECTORS: Record<string, { readonly acts: Act[]; readonly expected: string }> = {
  'one-agency-renamed-each-day': {
    acts: times(20_000, (index) => ({
      act: 'rename',
      code: code('H1'),
      name: `Tỉnh ${index}`,
      on: day(20_000 - index),
    })),
    expected: 'too-many-facts',
  },
  'one-agency-that-begins-each-day': {
    acts: [
      correct(
        times(50_000, (index) => ({
          subject: code('H9'),
          kind: 'existence',
          value: {},
          validFrom: day(2 * index),
          validTo: day(2 * index + 1),
        })),
      ),
    ],
    expected: 'too-many-facts',
  },
  'one-alias-of-all': {
    acts: [
      correct(
        times(20_000, (index) => ({
          subject: code(`Z${index}`),
          kind: 'alias',
          value: { alias: 'TRUC', form: 'free' },
          validFrom: day(0),
          validTo: null,
        })),
      ),
    ],
    expected: 'alias-taken',
  },
  'one-alias-handed-on-each-day': {
    acts: [
      correct(
        times(20_000, (index) => ({
          subject: code(`Z${index}`),
          kind: 'alias',
          value: { alias: 'TRUC', form: 'free' },
          validFrom: day(index),
          validTo: day(index + 1),
        })),
      ),
    ],
    expected: 'alias-taken',
  },
}

for (const [name, { acts, expected }] of Object.entries(VECTORS))
  test(`refused in bounded time: ${name}`, async (t) => {
    const { result, cpu } = await workTime(async () => tried(world, ...acts))
    t.match(codesOf(result.faults), [expected])
    t.ok(cpu < BOUND_MS, `${Math.round(cpu)} ms`)
  })

test('what many things are said of one agency is fine within the bound', async (t) => {
  const aliases = times(
    300,
    (index): Act => ({
      act: 'add-alias',
      code: code('H1'),
      alias: `TRUC.${index}`,
      form: 'free',
      on: day(0),
    }),
  )
  t.same(tried(world, ...aliases).faults, [])
})
