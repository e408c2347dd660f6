import t from 'tap'
import { sweepInFlight } from '../../src/delivery/in-flight/sweep.ts'
import { WITHOUT_CONNECTOR } from '../../src/domain/channel-id.ts'
import type { DeliveryReceipt } from '../../src/domain/delivery-receipt.ts'
import { type DocumentKey, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { verifyDeliveryReceipt, verifyReceipt } from '../../src/signature/receipt-jws.ts'
import { agencyDoor } from '../support/agency-door.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, bearer, takeToken } from '../support/http-app.ts'
import { statusPacket } from '../support/packets.ts'
import { successionWorld } from '../support/succession-world.ts'

const MINISTRY = 'G90'
const gateway = await testGateway(t)
const { pool, registry, trust } = gateway.api
const world = successionWorld(gateway)
const [a, b, c] = await world.open({ name: 'Tỉnh A' }, { name: 'Tỉnh B' }, { name: 'Tỉnh Mới' })
const door = await agencyDoor(t, gateway, [MINISTRY, c!, b!])
const [ministry, heir] = [door.system(MINISTRY), door.system(c!)]
const auditor = await takeToken(
  door.served,
  'kiem.toan',
  await addClient(door.served.context, 'kiem.toan', 'auditor'),
)

const toA = world.newId(MINISTRY)
const moved = await world.send(MINISTRY, { from: MINISTRY, to: [a!], documentId: toA })
const toBoth = world.newId(MINISTRY)
const joined = await world.send(MINISTRY, { from: MINISTRY, to: [a!, c!], documentId: toBoth })
const fromA = await world.send(a!, { from: a!, to: [MINISTRY], documentId: world.newId(a!) })
await gateway.deliverDue()
await world.close(a!, c)
const swept = await sweepInFlight({ pool, registry, usable: WITHOUT_CONNECTOR, actor: 'test' })
await gateway.deliverDue()

async function receiptsOf(document: DocumentKey): Promise<DeliveryReceipt[]> {
  const answer = await ministry('GET', `/documents/${document}/receipts`)
  const time = new Date()
  await verifyReceipt(answer.body.receipt, { trust, time })
  return Promise.all(
    answer.body.items.map(async ({ receipt }) => {
      const verified = await verifyDeliveryReceipt(receipt, { trust, time })
      t.equal(verified.trust, 'trusted')
      return verified.receipt
    }),
  )
}

t.test(
  'the receipt of a moved delivery names the old and the new agency, and is the same again',
  async (t) => {
    t.match(swept, { redirected: 1, joined: 1 })
    const [receipt, ...others] = await receiptsOf(moved.document)
    t.same(others, [])
    t.match(receipt, {
      event: 'ContentConsignment',
      document: moved.document,
      senderName: 'Bộ Thử nghiệm',
      agency: c,
      name: 'Tỉnh Mới',
      addressedAs: [{ spelling: a, code: a, name: 'Tỉnh A', hops: [{ to: { code: c, name: 'Tỉnh Mới' } }] }],
      redirections: [
        {
          from: { code: a, name: 'Tỉnh A' },
          to: { code: c, name: 'Tỉnh Mới' },
          act: 'closure',
          on: '2026-01-01',
        },
      ],
      state: 'available',
    })
    t.ok(receipt!.availableAt! >= receipt!.redirections[0]!.at, 'available where it lies now')
    t.same(await receiptsOf(moved.document), [receipt])
    const answer = await door.served.ask(`/auditor/v1/documents/${moved.document}/receipts`, {
      headers: bearer(auditor),
    })
    t.match(answer.json(), { items: [{ agency: c, name: 'Tỉnh Mới', state: 'available' }] })
    await t.rejects(
      verifyReceipt((answer.json() as { items: { receipt: string }[] }).items[0]!.receipt, {
        trust,
        time: new Date(),
      }),
      'a delivery receipt does not pass for one of acceptance',
    )
  },
)

t.test('what was joined tells with which delivery', async (t) => {
  const receipts = await receiptsOf(joined.document)
  const [atA, atC] = [a, c].map((code) => receipts.find(({ agency }) => agency === code))
  t.match(atA, { event: null, state: 'withdrawn', reason: 'joined', joinedWith: atC!.delivery })
  t.match(atC, { state: 'available', addressedAs: [{ code: c }, { code: a, name: 'Tỉnh A' }] })
})

t.test('timeline, document and inbox show both names', async (t) => {
  const names = { agency: c, name: 'Tỉnh Mới', addressedAs: [{ code: a, name: 'Tỉnh A' }] }
  const timeline = (await ministry('GET', `/documents/${moved.document}/timeline`)).body
  t.match(timeline.items, [names])
  t.match((await ministry('GET', `/documents/${moved.document}`)).body.deliveries.items, [names])
  const delivery = await world.deliveryTo(c!, moved.document)
  const item = (await heir('GET', '/inbox')).body.items.find(({ deliveryId }) => deliveryId === delivery)
  t.match(item, { senderName: 'Bộ Thử nghiệm', addressedAs: [{ code: a, name: 'Tỉnh A' }] })
  t.match((await heir('GET', `/inbox/${delivery}`)).body, {
    recipientName: 'Tỉnh Mới',
    addressedAs: [{ name: 'Tỉnh A' }],
  })
})

t.test('statuses and recalls by either name find the delivery that moved', async (t) => {
  const delivery = await world.take(c!, moved.document)
  await gateway.submit(c!, statusPacket({ from: c!, to: MINISTRY, documentId: toA, code: '03' }))
  await gateway.submit(c!, statusPacket({ from: a!, to: MINISTRY, documentId: toA, code: '05' }))
  t.match((await receiptsOf(moved.document))[0], { event: 'ContentHandover', state: 'handed-over' })
  const { rows } = await pool.query('select code from status_report where delivery_id = $1 order by id', [
    delivery,
  ])
  t.same(rows, [{ code: '03' }, { code: '05' }])
  const recall = { operation: 'recall' as const, documentId: edxmlDocumentId(toA) }
  const recalled = await world.send(MINISTRY, { from: MINISTRY, to: [a!], documentId: toA, business: recall })
  t.match(recalled.asked, [{ agency: c, delivery }])
})

t.test(
  'over HTTP a successor sees, recalls and updates what its predecessor sent; nobody else does',
  async (t) => {
    const path = `/documents/${fromA.document}`
    t.match((await heir('GET', path)).body, { sender: a, senderName: 'Tỉnh A' })
    t.equal((await door.system(b!)('GET', path)).status, 404)
    const update = {
      to: [{ organId: MINISTRY }],
      codeNumber: '9',
      codeNotation: 'BTN-VP',
      promulgationDate: '2026-11-20',
      documentType: { typeName: 'Công văn' },
      subject: 'V/v đính chính',
      signer: { fullName: 'Nguyễn Văn Thử' },
    }
    const updated = await heir('POST', `${path}/update`, { body: update })
    t.match([updated.status, updated.body.withdrawn], [201, [{ agency: MINISTRY }]])
    const recalled = await heir('POST', `${path}/recall`, { body: { reason: 'Ban hành nhầm' } })
    t.match([recalled.status, recalled.body.outcomes], [201, [{ agency: MINISTRY, outcome: 'withdrawn' }]])
  },
)
