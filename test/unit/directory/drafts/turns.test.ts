import t from 'tap'
import { Turns } from '../../../../src/directory/drafts/turns.ts'

/** Something that ends when it is told to. */
function held() {
  let end = () => {}
  const until = new Promise<void>((resolve) => {
    end = resolve
  })
  return { until, end: () => end() }
}

t.test('one at a time, in the order in which they came, whether or not those before fail', async (t) => {
  const turns = new Turns()
  const began: number[] = []
  const first = held()
  const all = [
    turns.take(() => {
      began.push(0)
      return first.until
    }),
    turns.take(async () => {
      began.push(1)
      throw new Error('of its own')
    }),
    turns.take(async () => void began.push(2)),
  ]
  await new Promise(setImmediate)
  t.strictSame(began, [0])
  first.end()
  const ended = await Promise.allSettled(all)
  t.strictSame(began, [0, 1, 2])
  t.strictSame(
    ended.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  t.equal(await turns.take(async () => 'again'), 'again')
})

t.test('whoever goes away leaves the line, and those behind move up', async (t) => {
  const turns = new Turns()
  const first = held()
  const gone = new AbortController()
  let worked = false
  const running = turns.take(() => first.until)
  const leaving = turns.take(async () => {
    worked = true
  }, gone.signal)
  const behind = turns.take(async () => 'behind')
  gone.abort()
  await t.rejects(leaving, { code: 'request-timeout' })
  first.end()
  await running
  t.equal(await behind, 'behind')
  t.notOk(worked)
})

t.test('a line that is too long refuses', async (t) => {
  const turns = new Turns()
  const first = held()
  const running = turns.take(() => first.until)
  const waiting = Array.from({ length: 32 }, () => turns.take(async () => 'waited'))
  await t.rejects(
    turns.take(async () => 'one more'),
    { code: 'rate-limited', retryAfter: 5 },
  )
  first.end()
  await running
  t.ok((await Promise.all(waiting)).every((word) => word === 'waited'))
})
