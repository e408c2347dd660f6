import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import type { WorkerContext } from '../../src/context.ts'
import { listAttempts } from '../../src/db/attempts.ts'
import { databaseError } from '../../src/db/errors.ts'
import { createPool } from '../../src/db/pool.ts'
import type { SingleChannel } from '../../src/delivery/channels/channel.ts'
import { reconcile } from '../../src/delivery/reconcile.ts'
import { relayOutbox } from '../../src/delivery/relay-outbox.ts'
import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import type { Urgency } from '../../src/domain/urgency.ts'
import { openDeliverQueues } from '../../src/queue/deliver-queues.ts'
import { startWorker } from '../../src/worker/start-worker.ts'
import { Watchdog } from '../../src/worker/watchdog.ts'
import { channelsOf } from '../fakes/channels.ts'
import { GatedChannel, RecordingChannel, SENT } from '../fakes/gated-channel.ts'
import { silentLine } from '../fakes/silent-line.ts'
import { inTurns } from '../support/in-turns.ts'
import { documentPacket } from '../support/packets.ts'
import { OPEN_DISTRICT, queueKinds, startTrial, type Trial } from '../support/trial.ts'
import { waitFor } from '../support/wait-for.ts'

const COMMUNE = 'H90.31'
const OTHER_COMMUNE = 'H90.32'
const ONE_OF_EACH_TIER = ['G90', 'H90', OPEN_DISTRICT, 'H90.31']

const kinds = await queueKinds()
if (!kinds.includes('redis')) t.comment('redis-server is not on PATH: the trials run over PostgreSQL alone')
t.jobs = 2
for (const kind of kinds) {
  t.test(`the queue in ${kind}`, { timeout: 600_000 }, async (t) => {
    const trial = await startTrial(t, kind)
    await relays(t, trial)
    await goesByUrgency(t, trial)
    await keepsTiersApart(t, trial)
    await noticesStarvation(t, trial)
    await carriesThousands(t, trial)
    await sharesPlaces(t, trial)
    await survivesTheQueuesLoss(t, trial)
    await tellsInMeasure(t, trial)
    await holdsNothingWhileItAsks(t, trial)
    await survivesASilentDatabase(t, trial)
    await survivesTheQueuesAbsence(t, trial)
    await survivesTheDatabasesRestart(t, trial)
  })
}

const queuesOf = (trial: Trial) => openDeliverQueues(trial.gateway.worker.config.queue, () => undefined)

/** Starts a worker in this process for the length of `during`. */
async function withWorker<T>(
  context: WorkerContext,
  during: () => Promise<T>,
  watchdog?: Watchdog,
): Promise<T> {
  const starved: string[][] = []
  const worker = await startWorker(context, (tiers) => starved.push(tiers), watchdog)
  try {
    return await during()
  } finally {
    await worker.stop(1_000)
  }
}

const allAvailable = (trial: Trial, keys: readonly DeliveryKey[], withinMs = 30_000) =>
  waitFor(
    async () => (await trial.count(keys, 'available')) === keys.length,
    withinMs,
    () => 'all available',
  )

const outboxSize = async ({ gateway }: Trial): Promise<number> =>
  (await gateway.api.pool.query<{ size: number }>('select count(*) as size from outbox')).rows[0]!.size

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1)

const relays = (t: Test, trial: Trial) =>
  t.test('the relay empties the outbox, and the same job twice is one job', async (t) => {
    const { pool } = trial.gateway.api
    const queues = queuesOf(trial)
    const keys = await trial.accept(300, [COMMUNE])
    t.equal(await outboxSize(trial), 300)
    await pool.query(
      'insert into outbox (delivery_id, epoch, tier, urgency) select delivery_id, epoch, tier, urgency from outbox',
    )
    const relayed = await Promise.all([relayOutbox(pool, queues), relayOutbox(pool, queues)])
    t.equal(relayed[0] + relayed[1], 600)
    t.equal(await outboxSize(trial), 0)
    t.equal(await queues.depth('commune'), 300)
    const { channels, begun } = recording()
    await withWorker(await trial.workerContext({ TRAM_TIERS: 'commune' }, channels), () =>
      allAvailable(trial, keys),
    )
    t.equal(begun.length, 300)
    t.equal(await queues.depth('commune'), 0, 'no job is kept')
    await queues.close()
  })

const goesByUrgency = (t: Test, trial: Trial) =>
  t.test('within a tier the most urgent goes first, and of equals the first', async (t) => {
    const queues = queuesOf(trial)
    const urgencies: Urgency[] = [0, 2, 4, 1, 3, 0, 4]
    const accepted: { urgency: Urgency; key: DeliveryKey }[] = []
    for (const urgency of urgencies) {
      for (const key of await trial.accept(3, [COMMUNE], { urgency })) accepted.push({ urgency, key })
      await relayOutbox(trial.gateway.api.pool, queues)
    }
    const { channels, begun } = recording()
    const worker = await trial.workerContext({ TRAM_TIERS: 'commune', TRAM_CONCURRENCY: '1' }, channels)
    await withWorker(worker, () =>
      allAvailable(
        trial,
        accepted.map(({ key }) => key),
      ),
    )
    const urgencyOf = new Map(accepted.map(({ key, urgency }) => [key, urgency]))
    t.same(
      begun.map((key) => urgencyOf.get(key)),
      [...urgencies].sort((a, b) => b - a).flatMap((u) => [u, u, u]),
    )
    const normal = begun.filter((key) => urgencyOf.get(key) === 0)
    const firstBatch = accepted.slice(0, 3).map(({ key }) => key)
    t.same(new Set(normal.slice(0, 3)), new Set(firstBatch), 'of equals, those first that came first')
    await queues.close()
  })

const keepsTiersApart = (t: Test, trial: Trial) =>
  t.test("one tier's backlog holds up no other", async (t) => {
    const stuck = new GatedChannel()
    const channels = channelsOf(new RecordingChannel(), stuck)
    // As many as it takes to fill all places, for one recipient may not.
    const communes = await trial.accept(20, [COMMUNE, OTHER_COMMUNE], { channel: 'https-push' })
    const worker = await trial.workerContext({ TRAM_CONCURRENCY: '8' }, channels)
    await withWorker(worker, async () => {
      await stuck.begun(3)
      const others = await trial.accept(20, ['G90', 'H90', OPEN_DISTRICT])
      trial.gateway.api.wakeRelay()
      const at = performance.now()
      await allAvailable(trial, others)
      t.comment(`${others.length} deliveries of other tiers in ${seconds(at)} s`)
      t.equal(await trial.count(communes, 'waiting'), 40)
      t.equal(stuck.sends.length, 4, 'its own tier is as busy as it may be')
      for (let next = 0; next < 40; next++) (await stuck.begun(next)).finish(SENT)
      await allAvailable(trial, communes)
    })
  })

const sharesPlaces = (t: Test, trial: Trial) =>
  t.test('a recipient that hangs leaves the others of its tier their places', async (t) => {
    const stuck = new GatedChannel()
    const served = new RecordingChannel()
    const push: SingleChannel = {
      send: (consignment, signal) =>
        (consignment.delivery.recipient === COMMUNE ? stuck : served).send(consignment, signal),
    }
    const worker = await trial.workerContext({ TRAM_CONCURRENCY: '8' }, channelsOf(served, push))
    const hanging = await trial.accept(30, [COMMUNE], { channel: 'https-push' })
    await withWorker(worker, async () => {
      await stuck.begun(1)
      const others = await trial.accept(20, [OTHER_COMMUNE], { channel: 'https-push' })
      trial.gateway.api.wakeRelay()
      const at = performance.now()
      await allAvailable(trial, others)
      t.comment(`${others.length} deliveries to another recipient in ${seconds(at)} s`)
      t.equal(stuck.sends.length, 2, 'a quarter of the places')
      const [urgent] = await trial.accept(1, [COMMUNE], { channel: 'https-push', urgency: 4 })
      trial.gateway.api.wakeRelay()
      await trial.accept(1, [OTHER_COMMUNE], { channel: 'https-push' })
      await waitFor(() => served.begun.length === 21)
      stuck.sends[0]!.finish(SENT)
      t.equal((await stuck.begun(2)).consignment.delivery.key, urgent, 'the most urgent goes first')
      for (let next = 1; next < 10; next++) (await stuck.begun(next)).finish(SENT)
      await stuck.begun(11)
      const { rows } = await trial.gateway.api.pool.query<{ most: number }>(
        'select max(lease_epoch) as most from delivery where id = any($1)',
        [hanging],
      )
      t.ok(rows[0]!.most <= 3, 'nobody was moved about meanwhile')
      await comesToRest(trial)
    })
    t.equal(await trial.count(hanging, 'waiting'), 30 + 1 - 10, 'what stood in line is kept')
    t.equal(await trial.gateway.api.pool.query(UNTOLD, [hanging]).then(({ rowCount }) => rowCount), 0)
    const at = performance.now()
    await withWorker(await trial.workerContext({}, channelsOf(served)), () =>
      allAvailable(trial, hanging, 10_000),
    )
    t.comment(`${trial.queue}: what stood in line was delivered by the next worker in ${seconds(at)} s`)
  })

const AT_REST_MS = 300

/** What goes from a line by way of outbox and queue has come back into it. */
async function comesToRest(trial: Trial): Promise<void> {
  const queues = queuesOf(trial)
  let [looks, since] = [0, performance.now()]
  await waitFor(async () => {
    const isEmpty = (await outboxSize(trial)) === 0 && (await queues.waiting('commune')) === 0
    looks = isEmpty ? looks + 1 : 0
    if (looks <= 1) since = performance.now()
    // What is on its way between the two is in neither for a moment.
    return looks >= 3 && performance.now() - since > AT_REST_MS
  }).finally(() => queues.close())
}

/** Deliveries that stand in a dead worker's line: told, and neither leased nor in the outbox. */
const UNTOLD = `select from delivery where id = any($1) and state = 'waiting' and enqueued_at is not null
  and not exists (select from outbox where delivery_id = delivery.id)`

const noticesStarvation = (t: Test, trial: Trial) =>
  t.test('a worker that consumes nothing while jobs wait is told to end', async (t) => {
    const stuck = new GatedChannel()
    const keys = await trial.accept(3, [COMMUNE])
    const worker = await trial.workerContext({ TRAM_CONCURRENCY: '1' }, channelsOf(stuck))
    const told: string[][] = []
    const running = await startWorker(
      worker,
      (tiers) => told.push(tiers),
      new Watchdog({ readyMs: 1_000, endMs: 2_000 }),
    )
    await stuck.begun(0)
    await waitFor(() => !running.isReady())
    await waitFor(() => told.length > 0)
    t.same(told[0], ['commune'], 'the tier whose jobs wait, and no other')
    await running.stop(100)
    t.equal(await trial.count(keys, 'waiting'), 3, 'nothing is lost with it')
    await withWorker(await trial.workerContext(), () => allAvailable(trial, keys))
  })

const carriesThousands = (t: Test, trial: Trial) =>
  t.test('600 deliveries over four tiers arrive, each once', async (t) => {
    const { channels, begun } = recording()
    const keys = await trial.accept(150, ONE_OF_EACH_TIER)
    const at = performance.now()
    await withWorker(await trial.workerContext({}, channels), () => allAvailable(trial, keys, 60_000))
    t.comment(`${trial.queue}: ${Math.round(keys.length / Number(seconds(at)))} deliveries/s`)
    t.equal(begun.length, keys.length)
    t.equal(new Set(begun).size, keys.length)
    const { rows } = await trial.gateway.api.pool.query<{ attempts: number; numbers: number }>(
      `select (select count(*) from attempt where delivery_id = any($1) and state = 'succeeded') as attempts,
        (select count(distinct (recipient_code, inbox_number)) from delivery where id = any($1)) as numbers`,
      [keys],
    )
    t.match(rows[0], { attempts: keys.length, numbers: keys.length })
  })

const survivesTheQueuesLoss = (t: Test, trial: Trial) =>
  t.test('what the queue loses is back within 30 seconds', async (t) => {
    const { pool } = trial.gateway.api
    const queues = queuesOf(trial)
    // Jobs too many, of deliveries that were told again, may be left from before.
    await emptyQueue(trial)
    const keys = await trial.accept(100, [COMMUNE, 'H90'])
    await relayOutbox(pool, queues)
    t.equal((await queues.depth('commune')) + (await queues.depth('province')), 200)
    await emptyQueue(trial)
    t.equal((await queues.depth('commune')) + (await queues.depth('province')), 0)
    const worker = await trial.workerContext()
    t.equal(await reconcile(pool, queues), 0, 'what was told just now is not told again')
    await letPass(trial, keys)
    const at = performance.now()
    await withWorker(worker, () => allAvailable(trial, keys, 30_000 - PASSED_MS))
    t.comment(`${trial.queue}: all back and delivered after ${seconds(at)} s`)

    // A few lost among many that wait, so that the queue is deeper than what seems forgotten.
    const lost = await trial.accept(5, [COMMUNE])
    await relayOutbox(pool, queues)
    await emptyQueue(trial)
    await pool.query(
      `update delivery set enqueued_at = enqueued_at - interval '1 minute' where id = any($1)`,
      [lost],
    )
    const waiting = await trial.accept(50, [COMMUNE])
    await relayOutbox(pool, queues)
    t.equal(await reconcile(pool, queues), 5)
    t.equal(await outboxSize(trial), 5)
    t.equal(await reconcile(pool, queues), 0, 'what lies in the outbox is not put there again')
    await withWorker(await trial.workerContext(), () => allAvailable(trial, [...lost, ...waiting]))
    await queues.close()
  })

const tellsInMeasure = (t: Test, trial: Trial) =>
  t.test('where nobody consumes, the queue does not grow', async (t) => {
    const { pool } = trial.gateway.api
    const queues = queuesOf(trial)
    await emptyQueue(trial)
    const keys = await trial.accept(50, [COMMUNE])
    await relayOutbox(pool, queues)
    for (let round = 0; round < 20; round++) {
      await pool.query(
        `update delivery set enqueued_at = enqueued_at - interval '1 hour' where id = any($1)`,
        [keys],
      )
      await reconcile(pool, queues)
      await relayOutbox(pool, queues)
    }
    const depth = await queues.depth('commune')
    t.ok(depth > 50 && depth <= 50 + 100, `${depth} jobs of 50 deliveries`)

    const told = async (dueAgo: string, toldAgo: string) => {
      await pool.query(
        `update delivery set next_attempt_at = clock_timestamp() - $2::interval,
          enqueued_at = clock_timestamp() - $3::interval where id = any($1)`,
        [keys, dueAgo, toldAgo],
      )
      return reconcile(pool, queues)
    }
    // A second is left until it would be told again: it may pass where the machine stands still.
    const notYet = async () => {
      await emptyQueue(trial)
      const count = await told('16 seconds', '14 seconds')
      return count === 0 ? [] : [`${count} told`]
    }
    t.strictSame(await inTurns(3, notYet), [])
    t.equal(await told('4 minutes', '50 seconds'), 0, 'what has waited for long is told again more seldom')
    t.equal(await told('10 days', '290 seconds'), 0)
    t.equal(await told('10 days', '301 seconds'), 50, 'but never later than after five minutes')
    await withWorker(await trial.workerContext(), () => allAvailable(trial, keys))
    await queues.close()
  })

const holdsNothingWhileItAsks = (t: Test, trial: Trial) =>
  t.test('no row is locked while the queue is asked', async (t) => {
    const { pool } = trial.gateway.api
    const queues = queuesOf(trial)
    const [due, forgotten] = await trial.accept(2, [COMMUNE])
    await relayOutbox(pool, queues)
    await pool.query('update delivery set enqueued_at = null where id = $1', [due])
    await pool.query(`update delivery set enqueued_at = enqueued_at - interval '1 minute' where id = $1`, [
      forgotten,
    ])
    let asked = 0
    const depth = async (): Promise<number> => {
      asked++
      await pool.query('select from delivery where id = any($1) for update nowait', [[due, forgotten]])
      return 0
    }
    t.equal(await reconcile(pool, { ...queues, depth }), 2)
    t.equal(asked, 1)
    await withWorker(await trial.workerContext(), () => allAvailable(trial, [due!, forgotten!]))
    await queues.close()
  })

const survivesASilentDatabase = (t: Test, trial: Trial) =>
  t.test('connections to PostgreSQL that fall silent are given up', async (t) => {
    const base = await trial.workerContext()
    const line = await silentLine(t, base.config.databaseUrl)
    const pool = createPool({
      databaseUrl: line.url,
      max: 10,
      applicationName: 'silent',
      onError: () => undefined,
      queryTimeoutMs: 1_000,
    })
    const context = { ...base, config: { ...base.config, databaseUrl: line.url }, pool }
    const worker = await startWorker(context, (stuck) => t.fail(`stuck: ${stuck}`))
    await allAvailable(trial, await trial.accept(5, [COMMUNE]))
    // Of those that fall silent: another, which the pool opens by then, would answer.
    const silent = await pool.connect()
    silent.on('error', () => undefined)
    line.fallSilent()
    const at = performance.now()
    const asked = silent.query('select 1').catch((error: unknown) => databaseError(error))
    const keys = await trial.accept(20, [COMMUNE])
    await allAvailable(trial, keys, 15_000)
    t.comment(`${trial.queue}: all delivered ${seconds(at)} s after the silence`)
    t.match(await asked, { code: 'database-unavailable' })
    silent.release(true)
    await worker.stop(1_000)
    line.cut()
    await pool.end()
  })

const PASSED_MS = 12_000

/** As if deliveries had been told to the queue so much longer ago. */
async function letPass({ gateway }: Trial, keys: readonly DeliveryKey[]): Promise<boolean> {
  await gateway.api.pool.query(
    'update delivery set enqueued_at = enqueued_at - make_interval(secs => $2) where id = any($1)',
    [keys, PASSED_MS / 1_000],
  )
  return true
}

async function emptyQueue(trial: Trial): Promise<void> {
  // What another trial's worker told once more, and nobody relayed after it.
  await trial.gateway.api.pool.query('delete from outbox where not is_local')
  if (trial.redis === null) {
    await trial.gateway.api.pool.query('delete from bullmq.job')
    return
  }
  const client = new Redis(trial.redis.url)
  await client.flushall()
  await client.quit()
}

const survivesTheQueuesAbsence = (t: Test, trial: Trial) =>
  t.test(
    'while Redis is away documents are accepted and kept, and go on when it is back',
    { skip: trial.redis === null && 'the queue stands in PostgreSQL' },
    async (t) => {
      const { api, submit } = trial.gateway
      const redis = trial.redis!
      await withWorker(await trial.workerContext(), async () => {
        await redis.kill('SIGKILL')
        const at = performance.now()
        const packet = await documentPacket({
          from: 'G90',
          to: ['H90'],
          documentId: 'G90,2026/11/20,2/BTN-VP',
        })
        const { claims } = await submit('G90', packet)
        t.ok(performance.now() - at < 2_000, 'the API accepts')
        // What was told once more before: nothing but these is to lie there.
        await api.pool.query('delete from outbox where not is_local')
        const keys = await trial.accept(50, ONE_OF_EACH_TIER)
        api.wakeRelay()
        const queues = queuesOf(trial)
        // A relay of the worker may have them in hand at this moment; then there is nothing to tell.
        const cannotTell = () =>
          relayOutbox(api.pool, queues).then(
            () => false,
            () => true,
          )
        await waitFor(cannotTell)
        const own = claims.recipients.map(({ delivery }) => delivery)
        await allAvailable(trial, own, 10_000)
        t.equal(
          await outboxSize(trial),
          200,
          'what needs no queue has arrived; of the rest the outbox keeps all',
        )
        await api.pool.query(
          `update delivery set enqueued_at = enqueued_at - interval '1 minute' where state = 'waiting'`,
        )
        t.equal(await reconcile(api.pool, queues).then((n) => n ?? 0), 0)
        t.equal(await outboxSize(trial), 200, 'and does not grow')
        await queues.close()
        await redis.restart()
        const back = performance.now()
        await allAvailable(trial, keys, 20_000)
        t.comment(`all delivered ${seconds(back)} s after Redis was back`)
      })
    },
  )

const survivesTheDatabasesRestart = (t: Test, trial: Trial) =>
  t.test('PostgreSQL dies under the worker, and work goes on when it is back', async (t) => {
    const { pool } = trial.gateway.api
    const channel = new GatedChannel()
    const worker = await trial.workerContext({}, channelsOf(channel))
    const keys = await trial.accept(10, [COMMUNE])
    await withWorker(worker, async () => {
      const first = await channel.begun(0)
      await trial.postgres.kill('SIGKILL')
      first.finish(SENT)
      await trial.postgres.restart()
      await waitFor(() => letPass(trial, keys).catch(() => false))
      const at = performance.now()
      let answered = 0
      await waitFor(
        async () => {
          for (; answered < channel.sends.length; answered++) channel.sends[answered]!.finish(SENT)
          return (await trial.count(keys, 'available')) === keys.length
        },
        30_000,
        () => 'all available',
      )
      t.comment(`${trial.queue}: all delivered ${seconds(at)} s after PostgreSQL was back`)
    })
    for (const key of keys) {
      const states = (await listAttempts(pool, key)).map(({ state }) => state)
      t.equal(states.filter((state) => state === 'succeeded').length, 1, states.join(' '))
    }
  })

function recording() {
  const channel = new RecordingChannel()
  return { channels: channelsOf(channel), begun: channel.begun }
}
