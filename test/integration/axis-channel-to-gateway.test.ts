import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { listDeliveries } from '../../src/db/deliveries.ts'
import { askForReceipts } from '../../src/delivery/axis-receipts.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { agencyCode, type DocumentKey, edxmlDocumentId, sha256 } from '../../src/domain/identifiers.ts'
import { acknowledge, handOver } from '../../src/receipts/hand-over.ts'
import { axisDoor } from '../support/axis-door.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { recordFacts } from '../support/record-facts.ts'
import { recordTable } from '../support/record-table.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SENDER = 'H90.31'
const ABROAD = ['G90', 'H91'] as const
const SECRET = 'bí mật giữa hai trục'

const central = await testGateway(t)
const systems = [
  {
    systemId: 'provincial',
    secrets: [SECRET],
    serves: ['H90'],
    withBeneath: true,
    rights: ['gateway'] as const,
  },
]
const door = await axisDoor(t, central, { systems })
const folder = await temporaryFolder(t)
await writeFile(join(folder, 'secret'), SECRET)
const connector = {
  name: 'central',
  channel: 'gateway',
  gateway: 'G90',
  url: `http://127.0.0.1:${door.port}/axis`,
  systemId: 'provincial',
  secretFile: 'secret',
}
await writeFile(
  join(folder, 'connectors.json'),
  JSON.stringify({ traceId: 'T.H90', home: ['H90'], connectors: [connector] }),
)
// One authority has issued the seals of both.
const { TRAM_SEAL_KEY, TRAM_SEAL_CHAIN, TRAM_TRUST } = central.variables
const provincial = await testGateway(t, undefined, {
  ...{ TRAM_SEAL_KEY: TRAM_SEAL_KEY!, TRAM_SEAL_CHAIN: TRAM_SEAL_CHAIN!, TRAM_TRUST: TRAM_TRUST! },
  TRAM_CONNECTORS: join(folder, 'connectors.json'),
})
const { pool } = provincial.api
await recordTable(
  pool,
  ABROAD.map((code) => ({
    id: code.toLowerCase(),
    recipient: agencyCode(code),
    channel: 'gateway',
    gateway: agencyCode('G90'),
  })),
)
const never = new AbortController().signal
let serial = 0

async function sent(to: readonly string[], documentId = `${SENDER},2026/11/20,${++serial}/UB`, more = {}) {
  const packet = await documentPacket({ from: SENDER, to, documentId, ...more })
  const { document } = (await provincial.submit(SENDER, packet)).claims
  return { document, documentId }
}
const rowsOf = (document: DocumentKey) => listDeliveries(pool, document)
async function attempt(document: DocumentKey): Promise<void> {
  const waiting = (await rowsOf(document)).filter(({ state }) => state === 'waiting')
  await pool.query('update delivery set next_attempt_at = clock_timestamp() where id = any($1)', [
    waiting.map(({ key }) => key),
  ])
  await deliver(provincial.worker, waiting[0]!.key, never)
}
const there = async (documentId: string) => {
  const { rows } = await central.api.pool.query<{
    id: DocumentKey
    recipient: string
    state: string
    key: string
  }>(
    `select document.id, delivery.id as key, recipient_code as recipient, delivery.state
      from document join delivery on delivery.document_id = document.id
      where edxml_document_id = $1 and operation = 'new' order by recipient_code`,
    [documentId],
  )
  return rows
}

/** The central gateway learns the certificate by which the provincial one seals. */
async function registerSeal(): Promise<void> {
  const { der } = provincial.api.sealKeys.at(new Date()).certificateChain[0]!
  const value = {
    sha256: sha256(createHash('sha256').update(der).digest('hex')),
    der: Buffer.from(der).toString('base64'),
  }
  const since = { validFrom: '2020-01-01', validTo: null }
  await recordFacts(central.api.pool, [{ subject: agencyCode('H90'), kind: 'certificate', value, ...since }])
  await central.api.registry.upToDate(central.api.pool)
}

t.test('a seal that is not known there holds packets up, and gives none of them up', async (t) => {
  const { document } = await sent(ABROAD)
  await attempt(document)
  for (const row of await rowsOf(document))
    t.match(row, {
      state: 'waiting',
      attempts: 0,
      mayHaveLeft: false,
      reason: { code: 'axis-credentials-refused' },
    })
  await registerSeal()
  await attempt(document)
  t.match(await rowsOf(document), [{ state: 'handed-over' }, { state: 'handed-over' }])
})

t.test('a packet goes to another gateway of this kind, once for both of its recipients', async (t) => {
  const { document, documentId } = await sent(ABROAD)
  await attempt(document)
  const rows = await rowsOf(document)
  t.match(rows, [{ state: 'handed-over' }, { state: 'handed-over' }])
  const taken = await there(documentId)
  t.same(
    taken.map(({ recipient }) => recipient),
    [...ABROAD],
  )
  t.same([...new Set(rows.map(({ remoteId }) => remoteId))], [taken[0]!.id])
})

t.test('an answer that was lost costs nothing: sent again it is the same there', async (t) => {
  const { document, documentId } = await sent(ABROAD)
  await attempt(document)
  await pool.query(
    `update delivery set state = 'waiting', next_attempt_at = clock_timestamp(), remote_id = null, receipt_due_at = null
      where document_id = $1`,
    [document],
  )
  await attempt(document)
  const taken = await there(documentId)
  t.equal(taken.length, 2, 'each recipient has it once')
  t.match(
    (await rowsOf(document)).map(({ state, remoteId }) => [state, remoteId]),
    [
      ['handed-over', taken[0]!.id],
      ['handed-over', taken[0]!.id],
    ],
  )
})

t.test('what the recipient acknowledges there is acknowledged here', async (t) => {
  const { document, documentId } = await sent(ABROAD)
  await attempt(document)
  await central.deliverDue()
  const delivery = (await there(documentId)).find(({ recipient }) => recipient === 'G90')!
  const request = {
    caller: callerOf('G90'),
    agency: agencyCode('G90'),
    delivery: delivery.key as never,
    claimToken: null,
  }
  await handOver(central.api.pool, request)
  await acknowledge(central.api.pool, request)
  await pool.query('update delivery set receipt_due_at = clock_timestamp() where document_id = $1', [
    document,
  ])
  t.match(await askForReceipts(provincial.worker, () => undefined, never), { acknowledged: 1 })
  t.match(await rowsOf(document), [
    { recipient: 'G90', state: 'acknowledged' },
    { recipient: 'H91', state: 'handed-over' },
  ])
})

t.test('a recall follows, and takes back there what was not fetched', async (t) => {
  const { document, documentId } = await sent(['G90'])
  await attempt(document)
  const recall = { operation: 'recall' as const, documentId: edxmlDocumentId(documentId), reason: 'Nhầm' }
  const { document: recalled } = await sent(['G90'], documentId, { business: recall })
  await attempt(recalled)
  t.match(await rowsOf(recalled), [{ state: 'handed-over' }])
  t.match(await there(documentId), [{ state: 'withdrawn' }])
})
