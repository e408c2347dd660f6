import t from 'tap'
import { findDelivery } from '../../src/db/deliveries.ts'
import { sweepInFlight } from '../../src/delivery/in-flight/sweep.ts'
import { WITHOUT_CONNECTOR } from '../../src/domain/channel-id.ts'
import { edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { verifyDeliveryReceipt } from '../../src/signature/receipt-jws.ts'
import { agencyDoor } from '../support/agency-door.ts'
import { testGateway } from '../support/gateway.ts'
import { successionWorld } from '../support/succession-world.ts'

const MINISTRY = 'G90'
const gateway = await testGateway(t)
const { pool, registry, trust } = gateway.api
const world = successionWorld(gateway)
const [a, b, c] = await world.open({ name: 'Xã A' }, { name: 'Xã B' }, { name: 'Phường C' })
const door = await agencyDoor(t, gateway, [MINISTRY, c!])
const [ministry, heir] = [door.system(MINISTRY), door.system(c!)]

/** A document to both, whose deliveries became one of their successor. */
const documents: string[] = []
const sent: Awaited<ReturnType<typeof world.send>>[] = []
for (let count = 0; count < 4; count++) {
  const documentId = world.newId(MINISTRY)
  documents.push(documentId)
  sent.push(await world.send(MINISTRY, { from: MINISTRY, to: [a!, b!], documentId }))
}
await world.close(a!, c)
await world.close(b!, c)
await sweepInFlight({ pool, registry, usable: WITHOUT_CONNECTOR, actor: 'test' })
await gateway.deliverDue()

const joint = (index: number) => world.deliveryTo(c!, sent[index]!.document)
let serial = 0
const change = (operation: 'recall' | 'update', index: number, ...to: string[]) => {
  const documentId = documents[index]!
  serial += 1
  const business = { operation, documentId: edxmlDocumentId(documentId), reason: `Lần ${serial}` }
  return world.send(MINISTRY, { from: MINISTRY, to, documentId, business })
}

t.test('a recall from one of two that became one leaves it to the other', async (t) => {
  const delivery = await joint(0)
  const recalled = await change('recall', 0, a!)
  t.match(recalled, { withdrawn: [], asked: [], recipients: [] })
  t.match(recalled.withdrawnInPart, [
    { agency: c, name: 'Phường C', delivery, withdrawnFrom: [{ code: a }], staysFor: [{ code: b }] },
  ])
  t.match(await findDelivery(pool, delivery), { state: 'available' })
  const again = await change('recall', 0, a!)
  t.same([again.withdrawn, again.withdrawnInPart], [[], undefined], 'nothing is left of it to be taken back')

  const path = `/documents/${sent[0]!.document}`
  const byCode = (one: { code: string }, other: { code: string }) => (one.code < other.code ? -1 : 1)
  const names = [{ code: a, withdrawnBy: recalled.document }, { code: b }]
  const timeline = (await ministry('GET', `${path}/timeline`)).body.items.find(({ agency }) => agency === c)
  t.match(timeline?.addressedAs?.toSorted(byCode), names)
  t.match(
    timeline?.entries?.find(({ kind }) => kind === 'delivery-withdrawn-in-part'),
    { detail: { by: recalled.document, spoken: [{ code: a }], left: [{ code: b }] } },
  )
  const receipts = (await ministry('GET', `${path}/receipts`)).body.items
  const { receipt } = receipts.find(({ agency }) => agency === c)!
  const told = (await verifyDeliveryReceipt(receipt, { trust, time: new Date() })).receipt
  t.equal(told.state, 'available')
  t.match([...told.addressedAs].sort(byCode), names)
  const item = (await heir('GET', '/inbox')).body.items.find(({ deliveryId }) => deliveryId === delivery)
  t.match(item?.addressedAs?.toSorted(byCode), names, 'the recipient is told, too')

  t.match((await change('recall', 0, b!)).withdrawn, [{ agency: c, delivery }])
  t.match(await findDelivery(pool, delivery), { state: 'withdrawn' })
})

t.test('a recall from both names, from their successor or from everybody withdraws it at once', async (t) => {
  t.match((await change('recall', 1, a!, b!)).withdrawn, [{ delivery: await joint(1) }])
  t.match((await change('recall', 2, c!)).withdrawn, [{ delivery: await joint(2) }])
})

t.test('over HTTP the outcome says that it goes on, and an update takes its place for both', async (t) => {
  const path = `/documents/${sent[3]!.document}`
  const recalled = await ministry('POST', `${path}/recall`, { body: { reason: 'Nhầm', recipients: [a] } })
  t.same(recalled.body.outcomes, [{ agency: c, outcome: 'withdrawn-in-part' }])
  t.match(recalled.body, {
    withdrawnInPart: [{ deliveryId: await joint(3), staysFor: [{ spelling: b }] }],
    warnings: [{ code: 'withdrawn-in-part', found: a, expected: b, hint: { vi: new RegExp(b!) } }],
  })
  const updated = await change('update', 3, c!)
  t.match(updated.withdrawn, [{ agency: c }])
  t.match(updated.recipients, [{ agency: c }])
})

t.test('an update by one name takes the place of the old version, and keeps the other name', async (t) => {
  const documentId = world.newId(MINISTRY)
  const both = await world.send(MINISTRY, { from: MINISTRY, to: [a!, b!], documentId })
  const business = { operation: 'update' as const, documentId: edxmlDocumentId(documentId) }
  const updated = await world.send(MINISTRY, { from: MINISTRY, to: [a!], documentId, business })
  t.match(updated.withdrawn, [{ delivery: both.recipients[0]!.delivery }])
  t.match(updated.recipients, [{ agency: c, addressedAs: [{ code: a }, { code: b }] }])
})
