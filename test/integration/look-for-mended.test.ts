import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { BlobStore, Pace } from '../../src/blobs/store.ts'
import { insertDamage, listDamage } from '../../src/db/damaged-blobs.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { type Sha256, sha256 } from '../../src/domain/identifiers.ts'
import { GatewayError } from '../../src/domain/problem.ts'
import { looksForMended } from '../../src/receipts/look-for-mended.ts'
import { startLoop } from '../../src/worker/loop.ts'
import { Watchdog } from '../../src/worker/watchdog.ts'
import { workerLoops } from '../../src/worker/worker-loops.ts'
import { testGateway } from '../support/gateway.ts'
import { waitFor } from '../support/wait-for.ts'

const { worker } = await testGateway(t)
const { pool } = worker
const LOOP = 'damaged-blobs'
const KNOWN = Array.from({ length: 30 }, (_none, number) =>
  sha256((number + 16).toString(16).padStart(64, '0')),
)

t.beforeEach(async () => {
  await pool.query('delete from damaged_blob')
  await inTransaction(pool, async (db) => {
    for (const blob of KNOWN) await insertDamage(db, blob, 'unreadable', 'test')
  })
})
const onRecord = async () => (await listDamage(pool, '', 100)).map(({ blob }) => blob)

/** A store that tells which blobs were looked at, in their order, and lets the test say how that goes. */
function lookedThrough(examine: (blob: Sha256, pace: Pace) => Promise<'damaged' | 'whole'>) {
  const looked: Sha256[] = []
  const blobs: BlobStore = {
    ...worker.blobs,
    async examine(blob, pace = async () => undefined) {
      looked.push(blob)
      return { bytes: 0, damage: (await examine(blob, pace)) === 'whole' ? null : 'unreadable' }
    },
  }
  return { blobs, looked }
}

/** The loop of a worker with this store, as the worker runs it. */
function startWorkerLoop(t: Test, blobs: BlobStore, onTurned: () => void = () => undefined) {
  const ending = new AbortController()
  const unused = () => Promise.reject(new Error('this loop asks no queue'))
  const row = workerLoops(
    { ...worker, blobs },
    { add: unused, depth: unused, waiting: unused, close: unused },
    {
      tiers: [],
      turned: (loop) => loop === LOOP && onTurned(),
      wakeRelay: () => undefined,
      ending: ending.signal,
    },
  ).find(({ name }) => name === LOOP)!
  const errors: Error[] = []
  const loop = startLoop(row.everyMs, row.round, (error) => errors.push(error))
  const stop = () => {
    ending.abort()
    return loop.stop()
  }
  t.teardown(stop)
  return { loop, errors, stop }
}

const actor = 'test'
const going = () => new AbortController().signal

t.test(
  'bounded looks go on where the one before stopped, come to all, and find what is whole again',
  async (t) => {
    const mended = KNOWN[17]!
    const { blobs, looked } = lookedThrough(async (blob) => (blob === mended ? 'whole' : 'damaged'))
    const look = looksForMended({ pool, blobs, actor }, { onProgress: () => undefined, longestMs: 0 })
    let found = 0
    for (const _blob of KNOWN) found += await look(going())
    t.same(looked, KNOWN, 'one in each look, each once')
    t.equal(found, 1)
    t.same(await onRecord(), KNOWN.toSpliced(17, 1))
    await waitFor(async () => {
      await look(going())
      return looked.length > KNOWN.length
    })
    t.equal(looked.at(-1), KNOWN[0], 'and it begins anew')
  },
)

t.test('a blob that cannot be looked at keeps no other from its turn', async (t) => {
  const { blobs, looked } = lookedThrough(async (blob) => {
    if (blob === KNOWN[3]) throw new GatewayError('storage-unavailable')
    return 'damaged'
  })
  const look = looksForMended({ pool, blobs, actor }, { onProgress: () => undefined, longestMs: 60_000 })
  await t.rejects(look(going()), { code: 'storage-unavailable' })
  await look(going())
  t.same(looked, KNOWN)
})

t.test(
  'the watchdog is quiet while thirty blobs take seven seconds each, and while a read of one is waited for',
  async (t) => {
    const watchdog = new Watchdog()
    let now = 0
    let told = 0
    const onProgress = () => {
      told += 1
      watchdog.turned(LOOP, now)
    }
    const reads: Array<() => void> = []
    const { blobs } = lookedThrough(async (blob) => {
      now += 7_000
      t.ok(watchdog.isReady(now))
      if (blob === KNOWN[29]) await new Promise<void>((done) => reads.push(done))
      return 'damaged'
    })
    onProgress()
    const look = looksForMended({ pool, blobs, actor }, { onProgress, longestMs: 60_000, signsMs: 5 })
    const looking = look(going())
    await waitFor(() => reads.length === 1)
    for (let minute = 0; minute < 5; minute += 1) {
      now += 59_000
      const before = told
      await waitFor(() => told > before)
      t.ok(watchdog.isReady(now), 'a read hangs')
    }
    reads[0]!()
    await looking
    t.same(watchdog.stuck(now), [])
  },
)

t.test('each piece that is read is told', async (t) => {
  let told = 0
  const { blobs } = lookedThrough(async (_blob, pace) => {
    const before = told
    for (let piece = 0; piece < 5; piece += 1) await pace(1)
    t.equal(told, before + 5)
    return 'damaged'
  })
  startWorkerLoop(t, blobs, () => {
    told += 1
  })
  await waitFor(() => told >= KNOWN.length * 5)
})

t.test('a worker that ends waits for no read, and reads no further', { timeout: 60_000 }, async (t) => {
  let goOn: () => void = () => undefined
  let readFurther: boolean | undefined
  const { blobs, looked } = lookedThrough(async (_blob, pace) => {
    await new Promise<void>((resolve) => {
      goOn = resolve
    })
    readFurther = await pace(1).then(
      () => true,
      () => false,
    )
    return 'damaged'
  })
  const { stop, errors } = startWorkerLoop(t, blobs)
  await waitFor(() => looked.length === 1)
  t.ok(await Promise.race([stop().then(() => true), delay(10_000, false)]), 'it has ended')
  goOn()
  await waitFor(() => readFurther !== undefined)
  t.equal(readFurther, false)
  t.same([looked.length, errors], [1, []])
})

t.test('of all workers one looks, until it ends', { timeout: 60_000 }, async (t) => {
  const first = lookedThrough(async () => 'damaged')
  const second = lookedThrough(async () => 'damaged')
  const leading = startWorkerLoop(t, first.blobs)
  await waitFor(() => first.looked.length === KNOWN.length)
  // It rests, and leads all the same.
  let rounds = 0
  const other = startWorkerLoop(t, second.blobs)
  await waitFor(async () => {
    other.loop.wake()
    rounds += 1
    await pool.query('select')
    return rounds > 20
  })
  t.equal(second.looked.length, 0)
  await leading.stop()
  await waitFor(() => {
    other.loop.wake()
    return second.looked.length === KNOWN.length
  })
  t.same([leading.errors, other.errors], [[], []])
})
