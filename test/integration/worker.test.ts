import t, { type Test } from 'tap'
import { pushPublicKey } from '../../src/context.ts'
import { listAttempts } from '../../src/db/attempts.ts'
import { findDelivery } from '../../src/db/deliveries.ts'
import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import { FakeAgency } from '../fakes/fake-agency.ts'
import { endpointFact, recordFacts } from '../support/record-facts.ts'
import { spawnTram, type TramProcess } from '../support/spawn-tram.ts'
import { queueKinds, startTrial, type Trial } from '../support/trial.ts'
import { waitFor } from '../support/wait-for.ts'

const RECIPIENT = 'H90'
const HANG = { kind: 'hang' } as const
const OK = { kind: 'answer', status: 204 } as const

t.jobs = 2
for (const kind of await queueKinds()) {
  t.test(`workers as processes, the queue in ${kind}`, { timeout: 300_000 }, async (t) => {
    const trial = await startTrial(t, kind)
    const agency = await FakeAgency.start(t, { publicKey: pushPublicKey(trial.gateway.api.config) })
    await recordFacts(trial.gateway.api.pool, [endpointFact(RECIPIENT, agency.url)])
    await killedWorker(t, trial, agency)
    await sleepingWorker(t, trial, agency)
    await stoppedWorker(t, trial, agency)
    await workerWithoutItsQueue(t, trial)
  })
}

const start = (t: Test, { gateway }: Trial): Promise<TramProcess> =>
  spawnTram(t, ['worker'], { ...gateway.variables, TRAM_LOG_LEVEL: 'debug', TRAM_TIERS: 'province' })

const push = async (trial: Trial): Promise<DeliveryKey> => {
  const [key] = await trial.accept(1, [RECIPIENT], { channel: 'https-push' })
  trial.gateway.api.wakeRelay()
  return key!
}

const stateOf = async ({ gateway }: Trial, key: DeliveryKey) =>
  (await findDelivery(gateway.api.pool, key))?.state

const storyOf = async ({ gateway }: Trial, key: DeliveryKey) =>
  (await listAttempts(gateway.api.pool, key)).map(({ worker, state }) => ({
    pid: Number(worker.split(':').at(-1)),
    state,
  }))

/** Which of two workers is sending a delivery, and which is not. */
async function holderOf(
  trial: Trial,
  agency: FakeAgency,
  key: DeliveryKey,
  [a, b]: [TramProcess, TramProcess],
) {
  await waitFor(() => agency.noticesOf(key).length === 1)
  const [attempt] = await storyOf(trial, key)
  return attempt?.pid === a.pid ? { holder: a, other: b } : { holder: b, other: a }
}

/** The recipient has the delivery once, however often it was told of it. */
async function isThereOnce(t: Test, trial: Trial, agency: FakeAgency, key: DeliveryKey): Promise<void> {
  const notices = agency.noticesOf(key)
  t.equal(new Set(notices.map(({ body }) => body)).size, 1, 'every notice says the same')
  t.ok(notices.every(({ verified }) => verified))
  const { rows } = await trial.gateway.api.pool.query<{ inbox_number: number }>(
    'select inbox_number from delivery where recipient_code = $1 and inbox_number is not null order by 1',
    [RECIPIENT],
  )
  t.same(
    rows.map((row) => row.inbox_number),
    rows.map((_row, index) => index + 1),
    'one number each',
  )
}

const killedWorker = (t: Test, trial: Trial, agency: FakeAgency) =>
  t.test('a worker that is killed while it sends is replaced within 10 seconds', async (t) => {
    const workers = await Promise.all([start(t, trial), start(t, trial)])
    agency.behaviour = HANG
    const key = await push(trial)
    const { holder, other } = await holderOf(trial, agency, key, workers)
    agency.behaviour = OK
    await holder.kill('SIGKILL')
    const at = performance.now()
    await waitFor(async () => (await stateOf(trial, key)) === 'available', 20_000)
    const took = (performance.now() - at) / 1000
    t.comment(`${trial.queue}: taken over after ${took.toFixed(1)} s`)
    t.ok(took < 10)
    t.same(await storyOf(trial, key), [
      { pid: holder.pid, state: 'abandoned' },
      { pid: other.pid, state: 'succeeded' },
    ])
    await isThereOnce(t, trial, agency, key)
    t.same(await other.kill('SIGTERM'), { code: 0, signal: null }, 'the other one stops in order')
  })

const sleepingWorker = (t: Test, trial: Trial, agency: FakeAgency) =>
  t.test('a worker that sleeps through its lease finds its settlement refused', async (t) => {
    const workers = await Promise.all([start(t, trial), start(t, trial)])
    agency.behaviour = HANG
    const key = await push(trial)
    const { holder, other } = await holderOf(trial, agency, key, workers)
    agency.behaviour = OK
    holder.signal('SIGSTOP')
    await waitFor(async () => (await stateOf(trial, key)) === 'available', 40_000)
    const settled = await findDelivery(trial.gateway.api.pool, key)
    holder.signal('SIGCONT')
    // It may come by a job for it that was told again, too, and find nothing to do.
    const isOf = (entry: Record<string, unknown>) => entry.delivery === key && 'outcome' in entry
    const { outcome } = await holder.waitForLog((entry) => isOf(entry) && entry.outcome !== 'nothing-to-do')
    t.equal(outcome, 'superseded')
    t.same(await findDelivery(trial.gateway.api.pool, key), settled, 'nothing has changed')
    t.same(await storyOf(trial, key), [
      { pid: holder.pid, state: 'abandoned' },
      { pid: other.pid, state: 'succeeded' },
    ])
    await isThereOnce(t, trial, agency, key)
    const next = await push(trial)
    await waitFor(async () => (await stateOf(trial, next)) === 'available', 20_000)
    const endings = await Promise.all([holder.kill('SIGTERM'), other.kill('SIGTERM')])
    t.same(
      endings.map(({ code }) => code),
      [0, 0],
    )
  })

const stoppedWorker = (t: Test, trial: Trial, agency: FakeAgency) =>
  t.test('a worker that is told to stop ends what it has begun', async (t) => {
    const worker = await start(t, trial)
    agency.behaviour = { kind: 'slow', ms: 1_500 }
    const key = await push(trial)
    await waitFor(() => agency.noticesOf(key).length === 1)
    t.same(await worker.kill('SIGTERM'), { code: 0, signal: null })
    t.equal(await stateOf(trial, key), 'available')
    t.match(await storyOf(trial, key), [{ pid: worker.pid, state: 'succeeded' }])
  })

const workerWithoutItsQueue = (t: Test, trial: Trial) =>
  t.test(
    'a worker starts while Redis is away, goes to work when it comes, and stops without it',
    { skip: trial.redis === null && 'the queue stands in PostgreSQL' },
    async (t) => {
      const redis = trial.redis!
      await redis.kill('SIGKILL')
      const worker = await start(t, trial)
      const [key] = await trial.accept(1, [RECIPIENT])
      await worker.waitForLog((entry) => String(entry.msg).includes('queue'))
      t.equal(await stateOf(trial, key!), 'waiting')
      await redis.restart()
      await waitFor(async () => (await stateOf(trial, key!)) === 'available', 20_000)
      await redis.kill('SIGKILL')
      const at = performance.now()
      const { code } = await worker.kill('SIGTERM')
      t.comment(`stopped after ${((performance.now() - at) / 1000).toFixed(1)} s with code ${code}`)
      t.equal(code, 0)
      t.ok(performance.now() - at < 15_000)
    },
  )
