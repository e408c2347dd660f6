import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { listDeliveries } from '../../src/db/deliveries.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { sweepInFlight } from '../../src/delivery/in-flight/sweep.ts'
import { agencyCode, type DocumentKey } from '../../src/domain/identifiers.ts'
import { migrateQueue } from '../../src/queue/backend.ts'
import { type AxisCall, TinyAxis } from '../fakes/tiny-axis.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts } from '../support/record-facts.ts'
import { recordTable } from '../support/record-table.ts'
import { spawnTram } from '../support/spawn-tram.ts'
import { successionWorld } from '../support/succession-world.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const SENDER = 'G90'
/** More than one packet is handed in for. */
const MANY = 5_200
const LONGEST_CODE = 35

const folder = await temporaryFolder(t)
const axis = await TinyAxis.start(t)
await writeFile(join(folder, 'secret'), 'bí mật')
const entry = { name: 'axis', channel: 'national-axis', url: axis.url, systemId: 'T', secretFile: 'secret' }
await writeFile(
  join(folder, 'connectors.json'),
  JSON.stringify({ traceId: 'T99', home: ['G90'], connectors: [entry] }),
)
const gateway = await testGateway(t, undefined, { TRAM_CONNECTORS: join(folder, 'connectors.json') })
const { pool, registry } = gateway.api
await migrateQueue(gateway.api.config.queue)
const never = new AbortController().signal
const codes = Array.from({ length: MANY }, (_, index) =>
  `H90.X${'0'.repeat(LONGEST_CODE - 11)}${100_000 + index}`.slice(0, LONGEST_CODE),
)
await recordFacts(
  pool,
  codes.flatMap((code) => agencyFacts({ code, name: code, parent: 'H90' })),
)
await recordTable(pool, [{ id: 'axis', under: agencyCode('H90'), channel: 'national-axis' }])
await registry.upToDate(pool)

let serial = 0
async function accepted(to: readonly string[]): Promise<DocumentKey> {
  const documentId = `${SENDER},2026/11/20,${++serial}/BTN-VP`
  const packet = await documentPacket({ from: SENDER, to, documentId })
  return (await gateway.submit(SENDER, packet)).claims.document
}
const statesOf = async (document: DocumentKey) => {
  const { rows } = await pool.query<{ state: string; n: number }>(
    'select state, count(*)::integer as n from delivery where document_id = $1 group by state order by state',
    [document],
  )
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]))
}
const oneWaiting = async (document: DocumentKey) =>
  (await listDeliveries(pool, document)).find(({ state }) => state === 'waiting')!.key
const namesOf = (calls: readonly AxisCall[]) => calls.flatMap(({ to }) => to)

t.test('more than 5,000 recipients go in two, within the headers and the lease', async (t) => {
  const document = await accepted(codes)
  const start = performance.now()
  t.equal(await deliver(gateway.worker, await oneWaiting(document), never), 'settled')
  const took = performance.now() - start
  t.same(await statesOf(document), { 'handed-over': 5_000, waiting: MANY - 5_000 })
  await deliver(gateway.worker, await oneWaiting(document), never)
  t.same(await statesOf(document), { 'handed-over': MANY })
  t.equal(axis.sends.length, 2)
  t.same([...namesOf(axis.sends)].sort(), [...codes].sort(), 'each once')
  const bytes = Object.values(axis.sends[0]!.headers).reduce(
    (sum, value) => sum + Buffer.byteLength(value),
    0,
  )
  t.ok(bytes < 1024 * 1024, 'beneath 1 MB')
  t.comment(`5,000 recipients: ${Math.round(took)} ms, ${bytes} bytes of headers`)
})

t.test('workers side by side share the recipients of one document', async (t) => {
  const before = axis.sends.length
  const document = await accepted(codes.slice(0, 40))
  const keys = (await listDeliveries(pool, document)).map(({ key }) => key)
  await Promise.all(keys.slice(0, 8).map((key) => deliver(gateway.worker, key, never)))
  const names = namesOf(axis.sends.slice(before))
  t.equal(names.length, 40)
  t.equal(new Set(names).size, 40, 'none of them twice')
  t.same(await statesOf(document), { 'handed-over': 40 })
})

t.test('what may have left stays with a recipient that closes; the rest goes to who took over', async (t) => {
  const world = successionWorld(gateway)
  const [first, second, heir] = await world.open({ parent: 'H90' }, { parent: 'H90' }, { parent: 'H90' })
  await registry.upToDate(pool)
  const document = await accepted([first!, second!])
  await pool.query(
    'update delivery set may_have_left = true where document_id = $1 and recipient_code = $2',
    [document, first],
  )
  await world.close(first!, heir)
  await world.close(second!, heir)
  await registry.upToDate(pool)
  const swept = await sweepInFlight({ pool, registry, usable: gateway.api.usable, actor: 'test' })
  t.match(swept, { redirected: 1, kept: 1 })
  t.same((await listDeliveries(pool, document)).map(({ recipient }) => recipient).sort(), [first, heir])
})

t.test('workers that are killed while they send lose and double nothing', async (t) => {
  const before = axis.sends.length
  let release: () => void = () => undefined
  let holds = true
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  axis.behave = () => (holds ? { kind: 'take-and-wait', until } : { kind: 'take' })
  const document = await accepted(codes.slice(0, 30))
  const variables = {
    ...gateway.variables,
    TRAM_LEASE_SECONDS: '2',
    TRAM_WORKER_PORT: '0',
    TRAM_LOG_LEVEL: 'info',
  }
  const first = await spawnTram(t, ['worker'], variables)
  await waitFor(() => axis.sends.length > before, 30_000)
  await first.kill('SIGKILL')
  holds = false
  const second = await spawnTram(t, ['worker'], variables)
  await waitFor(async () => (await statesOf(document))['handed-over'] === 30, 60_000)
  release()
  await second.kill('SIGTERM')
  const known = new Set(codes)
  // What the test before left behind goes as well.
  const sends = axis.sends.slice(before).filter(({ to }) => known.has(to[0]!))
  t.equal(new Set(sends.map(({ body }) => body.toString('latin1'))).size, 1, 'the same bytes')
  const ids = new Set((await listDeliveries(pool, document)).map(({ remoteId }) => remoteId))
  t.equal(ids.size, 1, 'one document there')
  t.equal(axis.taken.get([...ids][0]!)?.size, 30, 'with every recipient once')
  t.comment(`sends: ${sends.map(({ to }) => to.length).join(', ')}`)
})
