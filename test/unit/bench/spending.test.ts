import t from 'tap'
import { peakWhile } from '../../../scripts/bench/load/memory.ts'
import {
  costOf,
  peakMemory,
  perDocument,
  postgresMemory,
  spentBetween,
} from '../../../scripts/bench/load/spending.ts'

const NOTHING = { api: 0, worker: 0, postgres: 0, redis: 0, driver: 0 }

t.test(
  'processor time of a document is that of the gateway and its servers, whoever drives the load',
  async (t) => {
    const spent = spentBetween(
      { ...NOTHING, api: 500, driver: 10 },
      { ...NOTHING, api: 900, postgres: 100, driver: 90 },
    )
    t.same(perDocument(spent, 10), { ...NOTHING, api: 40, postgres: 10, driver: 8 })
    t.equal(costOf(perDocument(spent, 10)), 50)
  },
)

t.test('a process that ended before it was looked at again is no cheap one', async (t) => {
  const before = { ...NOTHING, api: 70, worker: 10 }
  t.throws(() => spentBetween(before, { ...NOTHING, worker: 900 }), /api spent -70 ms/)
})

t.test('a peak between two ends is seen, whatever is left afterwards', async (t) => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const held = [10, 900, 20]
  const looks: number[] = []
  const look = () => {
    looks.push(held[Math.min(looks.length, held.length - 1)]!)
    return looks.at(-1)!
  }
  const work = async () => {
    while (looks.length < held.length) await new Promise((resolve) => setTimeout(resolve, 1))
    return 'done'
  }
  t.same(await peakWhile(look, work, 1), { result: 'done', peak: 900 })
  t.equal(timers(), before, 'nobody looks any more')
})

t.test('a peak of which nobody can tell is unknown, not small', async (t) => {
  const { peak } = await peakWhile(
    () => Number.NaN,
    async () => undefined,
  )
  t.ok(Number.isNaN(peak))
})

t.test('what processes hold, as Linux tells it', async (t) => {
  t.ok(peakMemory(process.pid) > 10, 'MiB of this process')
  t.ok(postgresMemory(process.pid) > 10)
  t.ok(Number.isNaN(postgresMemory(2 ** 30)), 'a server that is away is not a small one')
  t.equal(peakMemory(2 ** 30), 0, 'nothing of one that there is not')
})
