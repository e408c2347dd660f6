import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { randomOf } from '../../scripts/bench/routing/random.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { migrateQueue } from '../../src/queue/backend.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { type FaultName, seeded } from '../fakes/fake-axis/faults.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'
import { recordTable } from '../support/record-table.ts'
import { spawnTram, type TramProcess } from '../support/spawn-tram.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

/** Each way; a multiple of ten. `AXIS_DOCUMENTS=1000` is the whole trial, for a machine with three minutes to spare. */
const DOCUMENTS = Number(process.env.AXIS_DOCUMENTS ?? 300)
/** One in so many comes for two recipients, or gets a status. */
const [SHARED, REPORTED, WITH_FILE] = [10, 10, 5]
const RATE = 0.2
const SEED = Number(process.env.TRAM_TEST_SEED ?? Date.now() % 1_000_000)
const [AWAY, HOME, COMMUNE] = ['G90', 'H90', 'H90.31']
/** By each, a worker takes the whole exchange for away, and lets it rest for longer than this test lasts. */
const BLOCKING: readonly FaultName[] = ['html-502', 'broken-json', 'empty-body']

const random = randomOf(SEED)
const plan = seeded(SEED, RATE, (operation, name) => operation === 'sendEdoc' && BLOCKING.includes(name))
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
  JSON.stringify({ traceId: '000.00.00.H90', home: [HOME], connectors: [connector] }),
)
const gateway = await testGateway(t, undefined, {
  TRAM_CONNECTORS: join(folder, 'connectors.json'),
  TRAM_LEASE_SECONDS: '2',
  TRAM_WORKER_PORT: '0',
})
const { pool, registry } = gateway.api
await migrateQueue(gateway.api.config.queue)
await recordTable(pool, [{ id: 'axis', under: agencyCode(AWAY), channel: 'national-axis' }])
await registry.upToDate(pool)

const incomingId = (number: number) => `${AWAY},2026/11/20,${number}/VAO`
const outgoingId = (number: number) => `${HOME},2026/11/20,${number}/RA`
const numbers = Array.from({ length: DOCUMENTS }, (_, index) => index + 1)
const FILE = [{ name: 'phụ lục.txt', type: 'text/plain', bytes: Buffer.from('phụ lục '.repeat(40)) }]

async function offerAll(): Promise<void> {
  for (const number of numbers) {
    const to = number % SHARED === 0 ? [HOME, COMMUNE] : [HOME]
    const attachments = number % WITH_FILE === 0 ? FILE : []
    const facts = { from: AWAY, to, documentId: incomingId(number), attachments }
    const packet = await documentPacket(facts)
    for (const one of to) axis.offer(packet, AWAY, one)
  }
}

/** Sends from here, and lets the other side report on some of it, often before it was even sent. */
async function submitAll(): Promise<void> {
  const left = numbers.values()
  const lane = async () => {
    for (const number of left) {
      const documentId = outgoingId(number)
      await gateway.submit(HOME, await documentPacket({ from: HOME, to: [AWAY], documentId }))
      if (number % REPORTED !== 0) continue
      const status = statusPacket({ from: AWAY, to: HOME, documentId, code: '03' })
      axis.offer(status, AWAY, HOME, 'status')
    }
  }
  await Promise.all([lane(), lane()])
}

/** A process that dies at the very moment of some requests, and comes back. */
async function mortal(args: string[], operations: readonly string[], deathsAt: readonly number[]) {
  const deaths = new Set(deathsAt)
  let running: TramProcess = await spawnTram(t, args, { ...gateway.variables, TRAM_LOG_LEVEL: 'info' })
  let [seen, died] = [0, 0]
  let coming: Promise<void> = Promise.resolve()
  const onCall = (operation: string) => {
    if (!operations.includes(operation)) return
    seen += 1
    if (!deaths.has(seen)) return
    died += 1
    const dying = running
    dying.signal('SIGKILL')
    coming = coming.then(async () => {
      await dying.ended
      running = await spawnTram(t, args, { ...gateway.variables, TRAM_LOG_LEVEL: 'info' })
    })
  }
  return {
    onCall,
    get died() {
      return died
    },
    stop: async () => {
      await coming
      await running.kill('SIGTERM')
    },
  }
}

const someBetween = (count: number, least: number, most: number) =>
  Array.from({ length: count }, () => Math.floor(least + random() * (most - least)))

/** What failed waits for minutes and hours by itself. */
const letTimePass = () =>
  pool.query(
    `update delivery set next_attempt_at = clock_timestamp()
      where state = 'waiting' and channel = 'national-axis' and next_attempt_at > clock_timestamp()`,
  )

const countOf = async (text: string): Promise<number> => {
  const { rows } = await pool.query<{ n: number }>(text)
  return rows[0]!.n
}
const HANDED_ON = `select count(*)::integer as n from delivery where channel = 'national-axis'
  and state in ('handed-over', 'acknowledged')`
const UNTOLD = `select count(*)::integer as n from axis_arrival where not told`

t.test(
  `${DOCUMENTS} documents each way amid faults and kills: nothing lost, nothing twice`,
  { timeout: 290_000 },
  async (t) => {
    t.comment(`seed ${SEED} (TRAM_TEST_SEED)`)
    const started = performance.now()
    await offerAll()
    const polling = ['getReceivedEdocList', 'getEdoc', 'updateStatus']
    const [server, worker] = await Promise.all([
      mortal(['serve'], polling, someBetween(3, DOCUMENTS / 5, 2 * DOCUMENTS)),
      mortal(['worker'], ['sendEdoc'], someBetween(1, DOCUMENTS / 20, (9 * DOCUMENTS) / 10)),
    ])
    axis.onCall = (operation) => {
      server.onCall(operation)
      worker.onCall(operation)
    }
    await submitAll()
    const clock = setInterval(() => void letTimePass().catch(() => undefined), 500)
    t.teardown(() => clearInterval(clock))
    await waitFor(
      async () =>
        axis.store.open.length === 0 &&
        (await countOf(UNTOLD)) === 0 &&
        (await countOf(HANDED_ON)) === DOCUMENTS,
      270_000,
      () => `everything: ${axis.store.open.length} open there, ${axis.store.sent.size} sent`,
    )
    clearInterval(clock)
    await Promise.all([server.stop(), worker.stop()])
    await showIncoming(t)
    await showOutgoing(t)
    t.comment(
      `${Math.round((performance.now() - started) / 1_000)} s, ${axis.calls.length} requests, kills: serve ${server.died}, worker ${worker.died}; faults: ${[...plan.counts].map(([name, count]) => `${name} ${count}`).join(', ')}`,
    )
  },
)

type Tap = typeof t

async function showIncoming(t: Pick<Tap, 'same' | 'equal' | 'ok'>): Promise<void> {
  const { rows } = await pool.query<{ id: string; recipient: string; n: number }>(
    `select edxml_document_id as id, recipient_code as recipient, count(*)::integer as n
      from document join delivery on delivery.document_id = document.id
      where document.sender_code = $1 and document.kind = 'document' group by 1, 2`,
    [AWAY],
  )
  const expected = numbers.flatMap((number) =>
    (number % SHARED === 0 ? [HOME, COMMUNE] : [HOME]).map((one) => `${incomingId(number)} ${one} 1`),
  )
  t.same(rows.map(({ id, recipient, n }) => `${id} ${recipient} ${n}`).sort(), expected.sort(), 'came in')
  const statuses = await countOf(`select count(*)::integer as n from document where kind = 'status'`)
  t.equal(statuses, DOCUMENTS / REPORTED, 'each status once')
  const files = await countOf('select count(distinct document_id)::integer as n from attachment')
  t.ok(files >= DOCUMENTS / WITH_FILE)
  const refused = await pool.query(
    `select remote_id, problem->>'code' as code from axis_arrival where state = 'refused'`,
  )
  t.same(refused.rows, [], 'nothing was refused')
}

async function showOutgoing(t: Pick<Tap, 'same'>): Promise<void> {
  const sent = [...axis.store.sent.values()].map(({ packet, to }) => {
    const id = /DocumentId>([^<]*)</.exec(packet.toString())?.[1]
    return `${id} ${[...to].join(' ')}`
  })
  const expected = numbers.map((number) => `${outgoingId(number)} ${AWAY}`)
  t.same(sent.sort(), expected.sort(), 'went out, each in one form and for its one recipient')
}
