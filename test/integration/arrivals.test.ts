import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { findDocument } from '../../src/db/documents.ts'
import type { ArrivalProblem } from '../../src/domain/axis/arrival.ts'
import { type DocumentKey, sha256 } from '../../src/domain/identifiers.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { FAULTS, type FaultName } from '../fakes/fake-axis/faults.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket, type PacketFacts, statusPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts } from '../support/record-facts.ts'
import { waitFor } from '../support/wait-for.ts'

/** The ministry is elsewhere; the province and its communes are connected here. */
const [AWAY, HOME, COMMUNE] = ['G90', 'H90', 'H90.31']
const gateway = await testGateway(t)
const { pool, blobs } = gateway.api
const axis = await FakeAxis.start(t)
const here = await connectTo(t, gateway, axis.url, [HOME])
const TEXT = [{ name: 'ghi chú.txt', type: 'text/plain', bytes: Buffer.from('xin chào '.repeat(50)) }]

let serial = 0
const packetOf = (more: Partial<PacketFacts> = {}) => {
  serial += 1
  const documentId = `${AWAY},2026/11/20,${serial}/BTN-VP`
  return documentPacket({ from: AWAY, to: [HOME], documentId, attachments: TEXT, ...more })
}
const lastId = () => `${AWAY},2026/11/20,${serial}/BTN-VP`
const offered = async (more: Partial<PacketFacts> = {}, to = HOME) =>
  axis.offer(await packetOf(more), AWAY, to)

async function roundsUntil(condition: () => Promise<boolean> | boolean): Promise<number> {
  for (let rounds = 1; rounds <= 12; rounds += 1) {
    await here.round()
    if (await condition()) return rounds
  }
  throw new Error(`not within 12 rounds: ${JSON.stringify(await here.arrivals())}`)
}
const isTold = (docId: string) => async () => (await here.arrival(docId))?.told === true
const documentsFor = async (documentId: string) => {
  const { rows } = await pool.query<{ id: DocumentKey; recipients: string[] }>(
    `select document.id, array_agg(recipient_code order by recipient_code) as recipients
      from document join delivery on delivery.document_id = document.id where edxml_document_id = $1 group by 1`,
    [documentId],
  )
  return rows
}
const statusesHere = async (documentId: string) => {
  const { rows } = await pool.query(
    `select id from document where kind = 'status' and envelope->'responseFor'->>'documentId' = $1`,
    [documentId],
  )
  return rows.length
}

t.beforeEach(() => {
  axis.store.held.clear()
  axis.plan.clear()
})

t.test('what is listed is fetched, taken in for whom it is listed, and told, in one round', async (t) => {
  const packet = await packetOf({ to: [HOME, COMMUNE] })
  const docId = axis.offer(packet, AWAY, COMMUNE)
  t.match(await here.round(), { listed: 1, fetched: 1, accepted: 1, told: 1, refused: 0 })
  const arrival = await here.arrival(docId)
  t.match(arrival, { state: 'accepted', told: true, listedFrom: AWAY, listedTo: COMMUNE, failure: null })
  const document = await findDocument(pool, arrival!.document!)
  t.match(document, { sender: AWAY, cameBy: here.dependencies.caller.clientId })
  t.ok((await buffer(blobs.read(document!.packetSha256))).equals(packet), 'the bytes are those that came')
  t.same(await documentsFor(lastId()), [{ id: document!.key, recipients: [COMMUNE] }])
  t.equal(axis.store.held.get(docId)?.status, 'done')
  t.match(await here.round(), { listed: 0, accepted: 0, told: 0 }, 'and nothing is left')
})

t.test('one packet listed for each of its recipients reaches each of them once', async (t) => {
  const packet = await packetOf({ to: [HOME, COMMUNE] })
  const ids = [HOME, COMMUNE].map((to) => axis.offer(packet, AWAY, to))
  axis.plan.command('getEdoc', 'slow', 'rewritten')
  await roundsUntil(async () => (await Promise.all(ids.map((id) => isTold(id)()))).every(Boolean))
  const recipients = (await documentsFor(lastId())).flatMap((one) => one.recipients)
  t.same(recipients.sort(), [HOME, COMMUNE], 'although one of them came in other bytes')
})

t.test('a list that names no recipient means those who are connected here', async (t) => {
  const docId = await offered({ to: [HOME, 'H91'] }, '')
  await roundsUntil(isTold(docId))
  t.match(await documentsFor(lastId()), [{ recipients: [HOME] }])
})

t.test('what a list brings for nobody here goes nowhere', async (t) => {
  const docId = await offered({ to: ['H91'] }, '')
  await roundsUntil(isTold(docId))
  t.match(await here.arrival(docId), { state: 'refused', problem: { code: 'recipients-unresolvable' } })
  t.same(await documentsFor(lastId()), [])
})

const OPERATIONS = ['getReceivedEdocList', 'getEdoc', 'updateStatus']
for (const [fault, row] of Object.entries(FAULTS))
  t.test(`${fault}: nothing is lost, nothing doubled`, async (t) => {
    const operations = 'operations' in row ? row.operations : OPERATIONS
    for (const operation of operations) axis.plan.command(operation, fault as FaultName, fault as FaultName)
    const [first, second] = [await offered(), await offered()]
    const status = axis.offer(
      statusPacket({ from: AWAY, to: HOME, documentId: await sentFromHere(), code: '03' }),
      AWAY,
      HOME,
      'status',
    )
    const ids = [first, second, status]
    await roundsUntil(async () => {
      const told = await Promise.all(ids.map((one) => isTold(one)()))
      return axis.store.open.length === 0 && told.every(Boolean)
    })
    for (const docId of ids) {
      t.match(await here.arrival(docId), { state: 'accepted', told: true }, docId)
      t.equal(axis.store.held.get(docId)?.status, 'done')
    }
    for (const number of [serial - 1, serial])
      t.match(await documentsFor(`${AWAY},2026/11/20,${number}/BTN-VP`), [{ recipients: [HOME] }])
  })

let sent = 0
async function sentFromHere(): Promise<string> {
  sent += 1
  const documentId = `${HOME},2026/11/20,${sent}/UBND`
  await gateway.submit(HOME, await documentPacket({ from: HOME, to: [AWAY], documentId }))
  return documentId
}

t.test('a list that keeps what is done is no reason to tell it again', async (t) => {
  axis.store.listsDone = true
  t.teardown(() => {
    axis.store.listsDone = false
  })
  const docId = await offered()
  await roundsUntil(isTold(docId))
  await here.round()
  t.match(await here.arrival(docId), { told: true })
  t.same(axis.store.held.get(docId)?.told, ['done'])
})

t.test('the same packet under two numbers is one, also in other bytes', async (t) => {
  const docId = await offered()
  const again = axis.store.offerAgain(docId)
  axis.plan.command('getEdoc', 'slow', 'rewritten')
  await roundsUntil(async () => (await isTold(docId)()) && (await isTold(again)()))
  const [one, other] = [await here.arrival(docId), await here.arrival(again)]
  t.equal(one?.document, other?.document)
  t.not(one?.packet, other?.packet)
  t.equal(axis.store.held.get(again)?.status, 'done')
  t.equal((await documentsFor(lastId())).length, 1)
})

t.test('a status and a recall under two numbers, in other bytes, are one each', async (t) => {
  const documentId = await sentFromHere()
  const status = axis.offer(
    statusPacket({ from: AWAY, to: HOME, documentId, code: '03' }),
    AWAY,
    HOME,
    'status',
  )
  const original = await offered()
  await roundsUntil(isTold(original))
  const recall = axis.offer(
    await documentPacket({ from: AWAY, to: [HOME], documentId: lastId(), business: { operation: 'recall' } }),
    AWAY,
    HOME,
  )
  const again = [status, recall].map((one) => axis.store.offerAgain(one))
  axis.plan.command('getEdoc', 'rewritten', 'rewritten', 'rewritten', 'rewritten')
  await roundsUntil(() => axis.store.open.length === 0)
  t.equal(await statusesHere(documentId), 1)
  const recalls = await Promise.all([recall, ...again.slice(1)].map((id) => here.arrival(id)))
  t.equal(new Set(recalls.map((one) => one?.document)).size, 1)
})

t.test('the same number of a document with other words is refused, told once, and seen', async (t) => {
  const first = await offered({ subject: 'V/v thứ nhất' })
  await roundsUntil(isTold(first))
  const other = await documentPacket({ from: AWAY, to: [HOME], documentId: lastId(), subject: 'V/v khác' })
  const docId = axis.offer(other, AWAY, HOME)
  await roundsUntil(isTold(docId))
  const arrival = await here.arrival(docId)
  t.match(arrival, { state: 'refused', told: true, problem: { code: 'document-id-conflict' } })
  t.ok((await buffer(blobs.read(arrival!.packet!))).equals(other), 'its bytes are kept')
  await here.round()
  const held = axis.store.held.get(docId)
  t.same(held?.told, ['fail'], 'told once, though it stays on the list')
  t.match(held?.description, 'document-id-conflict')
  const { rows } = await pool.query(`select detail from audit_event where kind = 'arrival-refused'`)
  t.match(rows.at(-1), { detail: { remoteId: docId, problem: 'document-id-conflict' } })
})

t.test('the same document that came another way before is one, if it says the same', async (t) => {
  const packet = await packetOf()
  const { claims } = await gateway.submit(AWAY, packet)
  const docId = axis.offer(packet, AWAY, HOME)
  axis.plan.command('getEdoc', 'rewritten')
  await roundsUntil(isTold(docId))
  t.match(await here.arrival(docId), { state: 'accepted', document: claims.document })
})

const problemIs = (code: string) => ({ state: 'refused', problem: { code } as Partial<ArrivalProblem> })

t.test('what brings a name of this gateway’s own agencies is refused', async (t) => {
  const packet = await documentPacket({ from: COMMUNE, to: [HOME], documentId: 'giả mạo' })
  const docId = axis.offer(packet, COMMUNE, HOME)
  await roundsUntil(isTold(docId))
  t.match(await here.arrival(docId), problemIs('sender-mismatch'))
})

t.test('a poison packet keeps no other from its turn', async (t) => {
  const poison = ['<edXML', 'không phải XML', '', '\0'].map((text) =>
    axis.offer(Buffer.from(text), AWAY, HOME, 'edoc'),
  )
  const good = await offered()
  await here.round()
  t.match(await here.arrival(good), { state: 'accepted', told: true })
  t.match(await here.arrival(poison[0]!), { state: 'refused', problem: { code: 'packet-malformed' } })
})

t.test(
  'a status on what is not known waits, is taken once that is there, and is refused by name after a day',
  async (t) => {
    const documentId = `${HOME},2026/11/20,sau/UBND`
    const early = axis.offer(
      statusPacket({ from: AWAY, to: HOME, documentId, code: '03' }),
      AWAY,
      HOME,
      'status',
    )
    await here.round()
    t.match(await here.arrival(early), { state: 'fetched', failure: { code: 'target-unknown' } })
    await gateway.submit(HOME, await documentPacket({ from: HOME, to: [AWAY], documentId }))
    await roundsUntil(isTold(early))
    t.match(await here.arrival(early), { state: 'accepted', failure: null })
    const never = axis.offer(
      statusPacket({ from: AWAY, to: HOME, documentId: 'không có', code: '03' }),
      AWAY,
      HOME,
      'status',
    )
    await here.round()
    await pool.query(
      `update axis_arrival set listed_at = listed_at - interval '25 hours' where remote_id = $1`,
      [never],
    )
    await roundsUntil(isTold(never))
    t.match(await here.arrival(never), problemIs('target-unknown'))
    t.match(axis.store.held.get(never)?.description, 'target-unknown')
  },
)

t.test('a recall that comes before its document waits for it, and then takes it back', async (t) => {
  const documentId = `${AWAY},2026/11/20,thu-hoi/BTN-VP`
  const recall = axis.offer(
    await documentPacket({ from: AWAY, to: [HOME], documentId, business: { operation: 'recall' } }),
    AWAY,
    HOME,
  )
  await here.round()
  t.match(await here.arrival(recall), { state: 'fetched', failure: { code: 'target-unknown' } })
  axis.offer(await documentPacket({ from: AWAY, to: [HOME], documentId }), AWAY, HOME)
  await roundsUntil(isTold(recall))
  const { rows } = await pool.query(
    `select delivery.state from delivery join document on document.id = document_id
      where edxml_document_id = $1 and operation = 'new'`,
    [documentId],
  )
  t.same(rows, [{ state: 'withdrawn' }])
})

t.test(
  'what was refused for an agency that nobody knew is tried again once the directory has changed',
  async (t) => {
    const docId = await offered({ to: ['H90.77'] }, 'H90.77')
    await roundsUntil(isTold(docId))
    t.match(await here.arrival(docId), problemIs('recipients-unresolvable'))
    await recordFacts(pool, agencyFacts({ code: 'H90.77', tier: 'commune', parent: HOME }))
    const { registry } = gateway.api
    await waitFor(async () =>
      (await registry.asOfNow(pool)).registry.directory.isOpen('H90.77' as never, '2026-11-22'),
    )
    await roundsUntil(async () => (await here.arrival(docId))?.state === 'accepted')
    await roundsUntil(isTold(docId))
    t.same(axis.store.held.get(docId)?.told, ['fail', 'done'])
  },
)

t.test('an exchange that is away costs no packet anything, and is asked little', async (t) => {
  const docId = await offered()
  axis.close()
  const before = here.warnings.length
  t.match(await here.round(), { listed: 0 })
  t.equal(here.warnings.length, before + 1)
  await axis.open()
  await roundsUntil(isTold(docId))
})

t.test('what its exchange names and never gives is refused after a day', async (t) => {
  const docId = axis.offer(Buffer.alloc(0), AWAY, HOME)
  await here.round()
  t.match(await here.arrival(docId), { state: 'listed', failure: { code: 'answer-invalid' } })
  await pool.query(
    `update axis_arrival set listed_at = listed_at - interval '25 hours' where remote_id = $1`,
    [docId],
  )
  await roundsUntil(isTold(docId))
  t.match(await here.arrival(docId), { ...problemIs('not-fetched'), packet: null })
})

t.test('blobs of packets that were not taken in are in use', async (t) => {
  const { listUnnamedBlobs } = await import('../../src/db/blobs-in-use.ts')
  const refused = (await here.arrivals()).flatMap(({ state, packet }) =>
    state === 'refused' && packet !== null ? [packet] : [],
  )
  t.ok(refused.length > 0)
  const stray = sha256('0'.repeat(64))
  t.same(await listUnnamedBlobs(pool, [...refused, stray]), [stray])
})
