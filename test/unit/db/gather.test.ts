import fc from 'fast-check'
import t from 'tap'
import { gather, gatherOn } from '../../../src/db/gather.ts'
import type { Pool } from '../../../src/db/pool.ts'

/** Work that ends when it is told to. */
function heldWork() {
  const batches: { readonly items: readonly number[]; end(error?: Error): void }[] = []
  const work = (items: readonly number[]) =>
    new Promise<string[]>((resolve, reject) => {
      batches.push({
        items,
        end: (error) => (error === undefined ? resolve(items.map((item) => `did ${item}`)) : reject(error)),
      })
    })
  return { batches, work }
}

/** Doubles numbers; thirteen is what this database cannot take. */
async function double(_pool: Pool, batch: readonly number[]): Promise<number[]> {
  await turn()
  if (batch.includes(13)) throw new Error('13')
  return batch.map((item) => item * 2)
}

const turn = () => new Promise(setImmediate)

t.test('what comes in one turn, and while a batch is under way, is done together', async (t) => {
  const { batches, work } = heldWork()
  const ask = gather(work, { most: 3, lanes: 1 })
  const answers = [1, 2].map(ask)
  await turn()
  t.same(batches[0]?.items, [1, 2])
  answers.push(...[3, 4, 5, 6].map(ask))
  await turn()
  t.equal(batches.length, 1, 'one lane')
  batches[0]!.end()
  t.same(await Promise.all(answers.slice(0, 2)), ['did 1', 'did 2'])
  await turn()
  t.same(batches[1]?.items, [3, 4, 5], 'no more than may go together')
  batches[1]!.end()
  await turn()
  batches[2]!.end()
  t.same(
    await Promise.all(answers),
    [1, 2, 3, 4, 5, 6].map((item) => `did ${item}`),
  )
})

/** Time that passes when it is told to. */
function heldTime() {
  let at = 0
  let due: { readonly at: number; then(): void }[] = []
  return {
    clock: {
      now: () => at,
      after: (milliseconds: number, then: () => void) => void due.push({ at: at + milliseconds, then }),
    },
    pass: (milliseconds: number) => {
      at += milliseconds
      const now = due.filter((one) => one.at <= at)
      due = due.filter((one) => one.at > at)
      for (const { then } of now) then()
    },
  }
}

t.test('who comes shortly after a batch waits for company, unless there is enough of it', async (t) => {
  const { batches, work } = heldWork()
  const { clock, pass } = heldTime()
  const done = () => batches.map(({ items }) => items)
  const ask = gather(work, { most: 3, lanes: 2, restMs: 20, clock })
  const answers = [ask(1)]
  await turn()
  t.same(done(), [[1]], 'the first waits for nobody')
  answers.push(ask(2))
  await turn()
  pass(19)
  answers.push(ask(3))
  await turn()
  t.same(done(), [[1]], 'those behind it do, though a lane is free')
  pass(1)
  t.same(done(), [[1], [2, 3]])
  batches[0]!.end()
  answers.push(...[4, 5, 6].map(ask))
  await turn()
  t.same(done(), [[1], [2, 3], [4, 5, 6]], 'a full batch goes at once')
  batches[1]!.end()
  batches[2]!.end()
  pass(20)
  answers.push(ask(7))
  await turn()
  t.same(done().at(-1), [7], 'after a rest nobody waits')
  batches[3]!.end()
  t.same(
    await Promise.all(answers),
    [1, 2, 3, 4, 5, 6, 7].map((item) => `did ${item}`),
  )
})

t.test('a batch that fails fails for its own, and the next goes on', async (t) => {
  const { batches, work } = heldWork()
  const ask = gather(work, { most: 2, lanes: 2 })
  const answers = [1, 2, 3].map(ask)
  await turn()
  t.same(
    batches.map(({ items }) => items),
    [[1, 2], [3]],
    'two lanes',
  )
  const failed = t.rejects(Promise.all(answers.slice(0, 2)), { message: 'away' })
  batches[0]!.end(new Error('away'))
  await failed
  batches[1]!.end()
  t.equal(await answers[2], 'did 3')
})

t.test('work that answers for fewer than it was given answers for none', async (t) => {
  const ask = gather(async () => ['one'], { most: 2, lanes: 1 })
  await t.rejects(Promise.all([ask(1), ask(2)]), { message: '1 results for 2 items' })
})

t.test('whoever asks gets its own answer, whatever fails beside it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(20), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      fc.nat(2),
      async (items, most, lanes, restMs) => {
        const ask = gather(
          async (batch: readonly number[]) => {
            await turn()
            if (batch.includes(13)) throw new Error('13')
            return batch.map((item) => item * 2)
          },
          { most, lanes, restMs },
        )
        const ends = await Promise.allSettled(items.map(ask))
        return ends.every((end, index) =>
          end.status === 'fulfilled' ? end.value === items[index]! * 2 : items.includes(13),
        )
      },
    ),
  )
})

const anyPool = () => ({}) as Pool

t.test('of a database, what is at odds with it harms no other', async (t) => {
  const ask = gatherOn(double, { most: 8, lanes: 1 })
  const pool = anyPool()
  const ends = await Promise.allSettled([1, 13, 2].map((item) => ask(pool, item)))
  t.match(ends, [
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: { message: '13' } },
    { status: 'fulfilled', value: 4 },
  ])
})

t.test('where the database is away nobody is done by itself, and another pool is its own', async (t) => {
  const [away, there] = [anyPool(), anyPool()]
  const asked: number[] = []
  const ask = gatherOn(
    async (pool, batch: readonly number[]) => {
      asked.push(batch.length)
      if (pool === away) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
      return batch
    },
    { most: 8, lanes: 1 },
  )
  const lost = await Promise.allSettled([1, 2, 3].map((item) => ask(away, item)))
  t.ok(lost.every(({ status }) => status === 'rejected'))
  t.same(asked, [3])
  t.equal(await ask(there, 4), 4)
})

t.test('an outage amid what is done apart ends it', async (t) => {
  const asked: (readonly number[])[] = []
  const ask = gatherOn(
    async (_pool, batch: readonly number[]) => {
      asked.push(batch)
      if (batch.length > 1) throw new Error('at odds')
      if (batch[0] === 2) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
      return batch
    },
    { most: 8, lanes: 1 },
  )
  const pool = anyPool()
  const ends = await Promise.allSettled([1, 2, 3, 4].map((item) => ask(pool, item)))
  t.same(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'rejected'],
  )
  t.same(asked, [[1, 2, 3, 4], [1], [2]], 'nobody else waits for it')
})
