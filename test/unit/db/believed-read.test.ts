import t from 'tap'
import { believedRead } from '../../../src/db/believed-read.ts'
import type { Pool } from '../../../src/db/pool.ts'

t.test('an answer is believed for its time, for each database, and a failure not at all', async (t) => {
  const [one, other] = [{} as Pool, {} as Pool]
  const asked: Pool[] = []
  let now = 0
  let isAway = false
  const read = believedRead(
    async (pool) => {
      asked.push(pool)
      if (isAway) throw new Error('away')
      return asked.length
    },
    100,
    () => now,
  )
  t.same(await Promise.all([read(one), read(one), read(other)]), [1, 1, 2])
  now = 99
  t.equal(await read(one), 1)
  now = 100
  isAway = true
  await t.rejects(read(one), { message: 'away' })
  isAway = false
  t.equal(await read(one), 4, 'asked again at once')
})
