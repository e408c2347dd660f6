import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { randomOf } from '../../scripts/bench/routing/random.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { migrateQueue } from '../../src/queue/backend.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { seeded } from '../fakes/fake-axis/faults.ts'
import { testGateway } from '../support/gateway.ts'
import { recordTable } from '../support/record-table.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { mortal } from './axis-faults/mortal.ts'
import {
  faultsOfArrivals,
  faultsOfRecalls,
  faultsOfSending,
  faultsOfTelling,
  TRACE_ID,
} from './axis-faults/oracle.ts'
import {
  AWAY,
  HOME,
  isRecalled,
  isReported,
  noTraffic,
  offerAll,
  submitAll,
  takeAll,
} from './axis-faults/traffic.ts'

/** Each way; a multiple of twenty. `AXIS_DOCUMENTS=1000 … --timeout=1200` is the whole trial, for a machine with minutes to spare. */
const DOCUMENTS = Number(process.env.AXIS_DOCUMENTS ?? 100)
const RATE = 0.2
const SEED = Number(process.env.TRAM_TEST_SEED ?? Date.now() % 1_000_000)
const TIMEOUT_MS = Math.max(270_000, DOCUMENTS * 1_100)
/** How often each process dies. */
const DEATHS = { serve: 1 + Math.ceil(DOCUMENTS / 200), worker: Math.ceil(DOCUMENTS / 150) }

const random = randomOf(SEED)
const plan = seeded(SEED, RATE)
const axis = await FakeAxis.start(t, { plan })
const folder = await temporaryFolder(t)
await writeFile(join(folder, 'secret'), 'bí mật')
const connector = {
  name: 'truc-quoc-gia',
  channel: 'national-axis',
  url: axis.url,
  systemId: 'TRAM',
  secretFile: 'secret',
  addsTraceHeader: true,
  pollSeconds: 1,
  timeoutSeconds: 1,
}
await writeFile(
  join(folder, 'connectors.json'),
  JSON.stringify({ traceId: TRACE_ID, home: [HOME], connectors: [connector] }),
)
const gateway = await testGateway(t, undefined, {
  TRAM_CONNECTORS: join(folder, 'connectors.json'),
  TRAM_LEASE_SECONDS: '2',
  TRAM_CONCURRENCY: '32',
  TRAM_WORKER_PORT: '0',
})
const { pool, registry } = gateway.api
await migrateQueue(gateway.api.config.queue)
await recordTable(pool, [{ id: 'axis', under: agencyCode(AWAY), channel: 'national-axis' }])
await registry.upToDate(pool)
const numbers = Array.from({ length: DOCUMENTS }, (_, index) => index + 1)
const traffic = noTraffic()

const someBetween = (count: number, least: number, most: number) =>
  Array.from({ length: count }, () => Math.floor(least + random() * (most - least)))

/**
 * What failed waits for minutes and hours by itself, and what stood in a dead worker's line until it seems forgotten. A
 * recall that waits until what it stops has certainly come to an end keeps its time.
 */
async function letTimePass(): Promise<void> {
  await pool.query(
    `update delivery set next_attempt_at = clock_timestamp()
      where state = 'waiting' and channel = 'national-axis' and next_attempt_at > clock_timestamp()
        and reason->>'code' is distinct from 'behind-stopped'`,
  )
  await pool.query(
    `update delivery set enqueued_at = enqueued_at - interval '15 seconds'
      where state = 'waiting' and channel = 'national-axis' and lease_until is null
        and enqueued_at < clock_timestamp() - interval '3 seconds'`,
  )
  await pool.query(
    `update axis_arrival set next_attempt_at = clock_timestamp()
      where (state in ('listed', 'fetched') or not told) and next_attempt_at > clock_timestamp() + interval '2 seconds'`,
  )
}

const countOf = async (text: string, values: readonly unknown[] = []): Promise<number> => {
  const { rows } = await pool.query<{ n: number }>(text, [...values])
  return rows[0]!.n
}
const WAITING = `select count(*)::integer as n from delivery where state = 'waiting'`
const UNTOLD = 'select count(*)::integer as n from axis_arrival where not told'

/** Done must not be told of what a crash would still lose: the axis looks while its client waits for its answer. */
const early: string[] = []
axis.onHeard = async (docId, status) => {
  const taken = await countOf(
    `select count(*)::integer as n from axis_arrival join document on document.id = document_id
      where remote_id = $1 and axis_arrival.state = 'accepted'`,
    [docId],
  )
  if (taken !== 1) early.push(`${docId}: told ${status} while it is not taken in`)
}

t.test(
  `${DOCUMENTS} documents each way amid faults and kills: nothing lost, nothing twice`,
  { timeout: TIMEOUT_MS + 15_000 },
  async (t) => {
    t.comment(`seed ${SEED} (TRAM_TEST_SEED)`)
    const started = performance.now()
    const seconds = () => Math.round((performance.now() - started) / 1_000)
    await offerAll(axis, numbers, traffic)
    const { variables } = gateway
    const [server, worker] = await Promise.all([
      mortal(t, {
        args: ['serve'],
        variables,
        operations: ['getReceivedEdocList', 'getEdoc', 'updateStatus'],
        deathsAt: someBetween(DEATHS.serve, DOCUMENTS / 10, 2.5 * DOCUMENTS),
      }),
      mortal(t, {
        args: ['worker'],
        variables,
        operations: ['sendEdoc'],
        deathsAt: someBetween(DEATHS.worker, DOCUMENTS / 20, DOCUMENTS),
      }),
    ])
    axis.onCall = (operation) => {
      server.onCall(operation)
      worker.onCall(operation)
    }
    const startedAfter = seconds()
    const submitting = submitAll(gateway, axis, numbers, traffic)
    let isSubmitted = false
    submitting.then(
      () => {
        isSubmitted = true
        t.comment(`submitted after ${seconds()} s`)
      },
      () => undefined,
    )
    const after = new Map<string, number>()
    let [waiting, untold] = [0, 0]
    await waitFor(
      async () => {
        if (!isSubmitted) await Promise.race([submitting, new Promise((next) => setTimeout(next, 300))])
        await letTimePass()
        const [isDone, isHeard] = [isSubmitted, axis.store.open.length === 0]
        untold = await countOf(UNTOLD)
        waiting = await countOf(WAITING)
        // Last, for what is taken may have to be answered.
        const taken = await takeAll(gateway, after, traffic)
        return isDone && isHeard && untold === 0 && waiting === 0 && taken === 0
      },
      TIMEOUT_MS,
      () => `everything: ${axis.store.open.length} open there, ${waiting} waiting, ${untold} untold`,
    )
    await submitting
    await Promise.all([server.stop(), worker.stop()])
    t.equal(await takeAll(gateway, after, traffic), 0, 'nothing came afterwards')
    const { journal, store } = axis
    const witnesses = { numbers, traffic, journal, store }
    t.same(faultsOfArrivals(witnesses), [], 'came in, once each, byte for byte')
    t.same(faultsOfTelling(witnesses), [], 'done was told of each packet, once it was fetched')
    t.same(early, [], 'and once it was taken in')
    t.same(faultsOfSending(witnesses), [], 'went out, each in one form and for its one recipient')
    t.same(faultsOfRecalls(witnesses), [], 'recalls came last')
    await showRecords(t)
    t.comment(
      `${seconds()} s (${startedAfter} to start), ${axis.calls.length} requests, kills: serve ${server.died}, worker ${worker.died}; faults: ${[...plan.counts].map(([name, count]) => `${name} ${count}`).join(', ')}`,
    )
  },
)

/** The gateway's own records say the same as the two sides. */
async function showRecords(t: Pick<typeof import('tap').t, 'same' | 'equal'>): Promise<void> {
  const { rows } = await pool.query<{ id: string; state: string; status: string | null }>(
    `select document.edxml_document_id as id, delivery.state, delivery.processing_status as status
      from delivery join document on document.id = delivery.document_id
      where delivery.channel = 'national-axis' and document.kind = 'document' and document.operation = 'new'`,
  )
  const stateOf = new Map(rows.map(({ id, state }) => [id, state]))
  t.equal(rows.length, DOCUMENTS)
  const there = new Set(['handed-over', 'acknowledged'])
  for (const number of numbers) {
    const state = stateOf.get(`${HOME},2026/11/20,${number}/RA`) ?? ''
    if (!there.has(state) && !(isRecalled(number) && state === 'withdrawn'))
      t.equal(state, '', `document ${number}`)
  }
  t.equal(
    rows.filter(({ status }) => status !== null).length,
    numbers.filter(isReported).length,
    'what the axis says of packets is no status of documents',
  )
  const refused = await pool.query(
    `select remote_id, problem->>'code' as code from axis_arrival where state = 'refused'`,
  )
  t.same(refused.rows, [], 'nothing was refused')
}
