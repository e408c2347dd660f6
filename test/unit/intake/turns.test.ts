import t from 'tap'
import { NoTurn, takeTurns } from '../../../src/intake/turns.ts'

const OPTIONS = { places: 2, mostWaiting: 2, patienceMs: 60_000 }

t.test('works are begun in the order in which they came, so many at a time', async (t) => {
  const inTurn = takeTurns(OPTIONS)
  const begun: number[] = []
  const ends: (() => void)[] = []
  const works = [0, 1, 2, 3].map((number) =>
    inTurn(() => {
      begun.push(number)
      return new Promise<number>((resolve) => ends.push(() => resolve(number)))
    }),
  )
  await t.rejects(
    inTurn(async () => 4),
    NoTurn,
    'two wait already',
  )
  t.same(begun, [0, 1])
  ends[1]!()
  t.equal(await works[1], 1)
  t.same(begun, [0, 1, 2])
  ends[0]!()
  await works[0]
  ends[2]!()
  ends[3]!()
  t.same(await Promise.all(works), [0, 1, 2, 3])
})

t.test('a work that throws gives its place back', async (t) => {
  const inTurn = takeTurns({ ...OPTIONS, places: 1 })
  await t.rejects(
    inTurn(async () => Promise.reject(new Error('its own'))),
    { message: 'its own' },
  )
  t.equal(await inTurn(async () => 'next'), 'next')
})

t.test('who has waited for long enough is let go of, and those behind it keep their places', async (t) => {
  const inTurn = takeTurns({ places: 1, mostWaiting: 1, patienceMs: 20 })
  let end = () => undefined as void
  const first = inTurn(() => new Promise<void>((resolve) => (end = resolve)))
  await t.rejects(
    inTurn(async () => 'second'),
    NoTurn,
  )
  const third = inTurn(async () => 'third')
  end()
  t.equal(await third, 'third')
  await first
})
