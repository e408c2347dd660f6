import pg from 'pg'
import t from 'tap'
import type { Queryable } from '../../../src/db/pool.ts'
import { sharedRead } from '../../../src/db/shared-read.ts'

/** Never connected: it only stands for itself. */
const database = (): Queryable => new pg.Client()

t.test('an answer is shared, and never older than the question', async (t) => {
  const ends: ((value: number) => void)[] = []
  const read = sharedRead(() => new Promise<number>((resolve) => ends.push(resolve)))
  const [one, other] = [database(), database()]
  const first = read(one)
  const [second, third] = [read(one), read(one)]
  const elsewhere = read(other)
  t.equal(ends.length, 2, 'one question for each')
  ends[0]!(1)
  t.equal(await first, 1)
  ends[1]!(9)
  t.equal(await elsewhere, 9)
  t.equal(ends.length, 3, 'who asked meanwhile shares the next one')
  ends[2]!(2)
  t.same(await Promise.all([second, third]), [2, 2])
  const later = read(one)
  ends[3]!(3)
  t.equal(await later, 3)
})

t.test('what fails is asked again for the next', async (t) => {
  let asked = 0
  const read = sharedRead(async () => {
    asked += 1
    if (asked === 1) throw new Error('away')
    return asked
  })
  const db = database()
  const outcomes = await Promise.allSettled([read(db), read(db), read(db)])
  t.match(outcomes, [
    { status: 'rejected', reason: { message: 'away' } },
    { status: 'fulfilled', value: 2 },
    { status: 'fulfilled', value: 2 },
  ])
})
