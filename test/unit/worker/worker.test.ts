import t from 'tap'
import { startLoop } from '../../../src/worker/loop.ts'
import { Watchdog } from '../../../src/worker/watchdog.ts'
import { waitFor } from '../../support/wait-for.ts'

t.test('the watchdog tells a starving tier, and only that', async (t) => {
  const watchdog = new Watchdog()
  t.ok(watchdog.isReady(1e9), 'a tier that never had work does not starve')
  watchdog.saw('central', 0)
  watchdog.saw('commune', 0)
  t.ok(watchdog.isReady(30_000))
  watchdog.saw('central', 30_001)
  t.notOk(watchdog.isReady(30_001))
  t.same(watchdog.stuck(60_000), [])
  t.same(watchdog.stuck(60_001), ['commune'])
  watchdog.saw('commune', 60_002)
  watchdog.saw('central', 60_002)
  t.ok(watchdog.isReady(60_003), 'it recovers')
  t.same(watchdog.stuck(60_003), [])
})

t.test('the watchdog tells a loop that hangs', async (t) => {
  const watchdog = new Watchdog()
  watchdog.turned('relay', 0)
  watchdog.turned('reconcile', 0)
  t.ok(watchdog.isReady(60_000), 'a round may wait for a database that fell silent')
  watchdog.turned('relay', 60_001)
  t.notOk(watchdog.isReady(60_001))
  t.same(watchdog.stuck(120_000), [])
  t.same(watchdog.stuck(120_001), ['loop:reconcile'])
  watchdog.turned('relay', 120_002)
  watchdog.turned('reconcile', 120_002)
  t.ok(watchdog.isReady(120_003), 'it recovers')
})

t.test('a loop survives its rounds, never runs two at once, and wakes', async (t) => {
  const errors: string[] = []
  let rounds = 0
  let running = 0
  let most = 0
  const loop = startLoop(
    60_000,
    async () => {
      most = Math.max(most, ++running)
      rounds++
      await new Promise((resolve) => setImmediate(resolve))
      running--
      if (rounds === 1) throw new Error('the first round fails')
    },
    (error) => errors.push(error.message),
  )
  await waitFor(() => rounds === 1 && running === 0)
  loop.wake()
  await waitFor(() => rounds === 2)
  for (let time = 0; time < 10; time++) loop.wake()
  await waitFor(() => rounds >= 3 && running === 0)
  await loop.stop()
  const atEnd = rounds
  loop.wake()
  t.equal(most, 1)
  t.equal(rounds, atEnd)
  t.same(errors, ['the first round fails'])
})

t.test('a loop that is woken while its round runs does not sleep through it', async (t) => {
  let rounds = 0
  let release: () => void = () => undefined
  const loop = startLoop(
    60_000,
    () =>
      new Promise<void>((resolve) => {
        rounds++
        release = resolve
      }),
    t.error,
  )
  await waitFor(() => rounds === 1)
  loop.wake()
  release()
  await waitFor(() => rounds === 2)
  release()
  await loop.stop()
  t.equal(rounds, 2)
})

t.test(
  'a loop that rests between its rounds is woken once for what comes meanwhile, and stops at once',
  async (t) => {
    const began: number[] = []
    const restMs = 60
    const loop = startLoop(60_000, async () => void began.push(performance.now()), t.error, restMs)
    await waitFor(() => began.length === 1)
    for (let time = 0; time < 5; time++) loop.wake()
    await waitFor(() => began.length === 2)
    t.ok(began[1]! - began[0]! >= restMs - 2)
    await loop.stop()
    t.equal(began.length, 2)
    const patient = startLoop(60_000, async () => undefined, t.error, 60_000)
    await patient.stop()
  },
)
