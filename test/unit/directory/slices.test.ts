import t from 'tap'
import { atOnce, inSlices, type Sliced } from '../../../src/directory/slices.ts'
import { GatewayError } from '../../../src/domain/problem.ts'

/** Takes its time in steps, and counts them. */
function* busy(steps: number, stepMs: number, seen: { steps: number }): Sliced<string> {
  for (; seen.steps < steps; seen.steps += 1) {
    for (const end = performance.now() + stepMs; performance.now() < end; );
    yield
  }
  return 'done'
}

t.test('in one go and in slices work comes to the same', async (t) => {
  t.equal(atOnce(busy(5, 0, { steps: 0 })), 'done')
  t.equal(await inSlices(busy(5, 0, { steps: 0 })), 'done')
})

t.test('others have their turn between slices', async (t) => {
  const seen = { steps: 0 }
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 1)
  await inSlices(busy(60, 2, seen))
  clearInterval(timer)
  t.ok(turns >= 5, `${turns} turns in ${seen.steps} steps`)
})

t.test('work for somebody who has gone away stops', async (t) => {
  const gone = new AbortController()
  const seen = { steps: 0 }
  const work = inSlices(busy(10_000, 1, seen), gone.signal)
  setTimeout(() => gone.abort(), 20)
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  t.ok(error instanceof GatewayError && error.code === 'request-timeout')
  t.ok(seen.steps < 5_000, `${seen.steps} steps`)
  const before = { steps: 0 }
  await t.rejects(inSlices(busy(1, 0, before), gone.signal), { code: 'request-timeout' })
  t.equal(before.steps, 0, 'what nobody waits for is not begun')
})
