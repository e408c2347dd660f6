import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import type { BesidePacket, OutgoingEdoc } from '../../src/axis/client-types.ts'
import { loadConfig } from '../../src/config.ts'
import { createLog, createWorkerContext } from '../../src/context.ts'
import { listDeliveries } from '../../src/db/deliveries.ts'
import { listSeals } from '../../src/db/seal-levels.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { agencyCode, type DocumentKey, type Sha256 } from '../../src/domain/identifiers.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { recordTable } from '../support/record-table.ts'
import { rewriteStored, spoilStored } from '../support/stored-blobs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SENDER = 'H90.31'
const folder = await temporaryFolder(t)
await writeFile(join(folder, 'secret'), 'bí mật')
const connector = {
  name: 'central',
  channel: 'gateway',
  gateway: 'G90',
  url: 'http://127.0.0.1:9/axis',
  systemId: 'provincial',
  secretFile: 'secret',
}
await writeFile(
  join(folder, 'connectors.json'),
  JSON.stringify({ traceId: 'T.H90', home: ['H90'], connectors: [connector] }),
)
const gateway = await testGateway(t, undefined, { TRAM_CONNECTORS: join(folder, 'connectors.json') })
const { pool } = gateway.api
await recordTable(pool, [
  { id: 'g90', recipient: agencyCode('G90'), channel: 'gateway', gateway: agencyCode('G90') },
])

/** What left for the other gateway. */
const left: (BesidePacket | undefined)[] = []
const lines: string[] = []
const config = loadConfig('worker', { ...gateway.variables, TRAM_LOG_LEVEL: 'warn' })
const worker = await createWorkerContext(config, {
  log: createLog(config, { write: (line: string) => void lines.push(line) }),
})
t.teardown(() => worker.close())
const { client } = worker.exchanges.all[0]!
client.sendEdoc = async ({ beside }: OutgoingEdoc) => {
  left.push(beside)
  return { ok: true, value: 'there-1' }
}

let serial = 0
async function sent() {
  const documentId = `${SENDER},2026/11/20,${++serial}/UB`
  const packet = await documentPacket({ from: SENDER, to: ['G90'], documentId })
  const { document } = (await gateway.submit(SENDER, packet)).claims
  const { sha256 } = (await listSeals(pool, document))[0]!
  return { document, sha256 }
}

async function attempt(document: DocumentKey) {
  await pool.query('update delivery set next_attempt_at = clock_timestamp() where document_id = $1', [
    document,
  ])
  const [row] = await listDeliveries(pool, document)
  await deliver(worker, row!.key, new AbortController().signal)
  return (await listDeliveries(pool, document))[0]!
}

const stored = { pool, root: config.blobs }
const SPOILT = {
  lost: (blob: Sha256) => spoilStored(stored, blob, 'missing'),
  damaged: (blob: Sha256) => rewriteStored(stored, blob, Buffer.from('không phải con dấu')),
} as const

for (const [what, spoil] of Object.entries(SPOILT)) {
  t.test(`a packet whose seal is ${what} waits, and does not leave without it`, async (t) => {
    left.length = 0
    const { document, sha256 } = await sent()
    const seal = await buffer(worker.blobs.read(sha256))
    await spoil(sha256)
    t.match(await attempt(document), {
      state: 'waiting',
      attempts: 0,
      mayHaveLeft: false,
      reason: { code: 'packet-unreadable', detail: { connector: 'central' } },
    })
    t.same(left, [], 'nothing left')
    const said = lines.filter((line) => line.includes(`blob ${sha256}, a seal`))
    t.equal(said.length, 1, 'the log names the blob')
    t.match(JSON.parse(said[0]!), { document, connector: 'central' })
    await rewriteStored(stored, sha256, seal)
    t.match(await attempt(document), { state: 'handed-over' }, 'it goes once the seal is there again')
    t.ok(left[0]?.seal && seal.equals(left[0].seal))
  })
}
