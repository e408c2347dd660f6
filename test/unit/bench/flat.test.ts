import t from 'tap'
import { type Cost, type CostAt, growthOfRounds, meanOf } from '../../../scripts/bench/load/cost-at.ts'
import { resultOf } from '../../../scripts/bench/load/flat.ts'
import { isSteady, lastChange } from '../../../scripts/bench/load/warm-up.ts'

const cost = (api: number, postgres: number, documents = 100): Cost => ({
  ...{ documents, missing: 0, statements: 20, pages: 500, wal: 40_960 },
  spent: { api, worker: 0.5, postgres, redis: 0.1, driver: 3 },
})
const costAt = (stored: number, rounds: readonly Cost[]): CostAt => ({ stored, rounds, mean: meanOf(rounds) })
const WARM = { documents: 3_000, windows: [9, 5, 5.1], isSteady: true }

t.test('a gateway is warm once two windows cost the same', async (t) => {
  for (const [name, windows, steady] of [
    ['none', [], false],
    ['one', [5], false],
    ['still falling', [9, 7], false],
    ['the same by chance, and falling again', [7, 7, 6], false],
    ['rising', [5, 5.2], false],
    ['steady', [9, 5.1, 5], true],
  ] as const)
    t.equal(isSteady(windows), steady, name)
  t.equal(lastChange([4, 5]), 0.25)
})

t.test('in the mean each document counts alike, and shares add up', async (t) => {
  const mean = meanOf([cost(4, 2, 300), cost(8, 6, 100)])
  t.equal(mean.documents, 400)
  t.match(mean.spent, { api: 5, postgres: 3 })
})

t.test("what PostgreSQL's share grows stands by itself, whatever the others save", async (t) => {
  const few = costAt(10_000, [cost(7, 4), cost(7, 4)])
  const many = costAt(1_000_000, [cost(6, 5), cost(6, 5.5)])
  const { bars, tables } = resultOf([few, many], [WARM, WARM])
  const of = (name: RegExp) => bars.find((bar) => name.test(bar.name))
  t.match(of(/what PostgreSQL spends/), { measured: 31.25, met: null })
  t.match(of(/what API and worker/), { met: null })
  t.match(of(/processor time of a document/), { met: true })
  t.match(tables, /31\.3/)
  t.match(growthOfRounds(few.rounds, many.rounds).map(Math.round), [0, 4])
})

t.test('a document that costs more with many stored misses the bar', async (t) => {
  const { bars } = resultOf(
    [costAt(10_000, [cost(5, 4)]), costAt(1_000_000, [cost(5, 5.2)])],
    [WARM, { ...WARM, isSteady: false }],
  )
  t.match(bars[0], { met: false })
})

t.test('where a document was refused, what was spent on it is no cost of the others', async (t) => {
  const { bars } = resultOf(
    [costAt(10_000, [cost(5, 4)]), costAt(1_000_000, [{ ...cost(5, 4), missing: 1 }])],
    [WARM, WARM],
  )
  t.match(bars.at(-1), { measured: 1, met: false })
})

t.test('who was not warm is named', async (t) => {
  const costs = [costAt(10_000, [cost(5, 4)]), costAt(1_000_000, [cost(5, 4)])]
  t.notMatch(resultOf(costs, [WARM, WARM]).tables, /Not steady/)
  t.match(resultOf(costs, [WARM, { ...WARM, isSteady: false }]).tables, /Not steady/)
})
