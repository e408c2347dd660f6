import t from 'tap'
import { takeTurns } from '../../../src/intake/turns.ts'

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
    { message: 'too many wait' },
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
  const { promise: held, resolve: end } = withResolvers()
  const first = inTurn(() => held)
  await t.rejects(
    inTurn(async () => 'second'),
    { message: 'waited for too long' },
  )
  const third = inTurn(async () => 'third')
  end()
  t.equal(await third, 'third')
  await first
})

function withResolvers() {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
