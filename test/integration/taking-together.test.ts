import t from 'tap'
import { listDocumentEvents } from '../../src/db/audit-events.ts'
import { findDelivery, withdrawDeliveries } from '../../src/db/deliveries.ts'
import { acknowledgeShared, handOverShared, type OwnMove } from '../../src/db/own-deliveries.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { deliverLocally } from '../../src/delivery/deliver-locally.ts'
import { agencyCode, type DeliveryKey, uuidv7 } from '../../src/domain/identifiers.ts'
import { claimItems } from '../../src/receipts/inbox.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const SENDER = 'G90'
const RECIPIENT = 'H90'
const gateway = await testGateway(t)
const { pool } = gateway.api
const worker = { ...gateway.worker, worker: 'worker:test', wakeInbox: () => undefined }

let serial = 0
/** Deliveries that lie in the inbox. */
async function inInbox(count: number): Promise<DeliveryKey[]> {
  const keys: DeliveryKey[] = []
  while (keys.length < count) {
    const documentId = `${SENDER},2026/11/20,${++serial}/BTN-VP`
    const packet = await documentPacket({ from: SENDER, to: [RECIPIENT], documentId })
    const { claims } = await gateway.submit(SENDER, packet)
    keys.push(claims.recipients[0]!.delivery)
  }
  await deliverLocally(worker, 'outbox', ['central', 'province', 'district', 'commune'])
  return keys
}

const move = (key: DeliveryKey, more: Partial<OwnMove> = {}): OwnMove => ({
  ...{ key, agency: agencyCode(RECIPIENT), claimToken: null, actor: 'test', event: uuidv7() },
  ...more,
})

const handOver = (key: DeliveryKey, more: Partial<OwnMove> = {}) => handOverShared(pool, move(key, more))
const acknowledge = (key: DeliveryKey) => acknowledgeShared(pool, move(key))

async function eventsOf(key: DeliveryKey): Promise<string[]> {
  const { document } = (await findDelivery(pool, key))!
  const events = await listDocumentEvents(pool, document, key)
  return events.map(({ kind }) => kind).filter((kind) => /handed-over|acknowledged/.test(kind))
}

/** How often a statement was executed while `work` was done. */
async function statementsOf(text: RegExp, work: () => Promise<unknown>): Promise<number> {
  const query = pool.query
  let count = 0
  const counting = (...given: unknown[]) => {
    const [statement] = given
    if (text.test(typeof statement === 'object' ? Object(statement).name : '')) count += 1
    return Reflect.apply(query, pool, given)
  }
  Object.assign(pool, { query: counting })
  try {
    await work()
  } finally {
    Object.assign(pool, { query })
  }
  return count
}

t.test('what recipients take at the same time goes in one statement, each with its event', async (t) => {
  const keys = await inInbox(8)
  const fetching = await statementsOf(/^own-hand-over/, async () => {
    for (const own of await Promise.all(keys.map((key) => handOver(key))))
      t.match(own, { moved: true, wasHandedOver: false, state: 'available' })
  })
  t.equal(fetching, 1)
  const confirming = await statementsOf(/^own-acknowledge/, async () => {
    for (const own of await Promise.all(keys.map(acknowledge)))
      t.match(own, { moved: true, state: 'handed-over' })
  })
  t.equal(confirming, 1)
  for (const key of keys) {
    t.match(await findDelivery(pool, key), { state: 'acknowledged', leaseEpoch: 2 })
    t.same(await eventsOf(key), ['delivery-handed-over', 'delivery-acknowledged'])
  }
})

t.test('each is answered by what holds for it, whatever stands beside it', async (t) => {
  const [fresh, taken, withdrawn, claimed] = await inInbox(4)
  await handOver(taken!)
  await inTransaction(pool, (db) => withdrawDeliveries(db, [withdrawn!], { code: 'recalled' }))
  const { claimToken, items } = await claimItems(pool, agencyCode(RECIPIENT), 300, 10)
  t.ok(items.some(({ delivery }) => delivery === claimed))
  const unknown = uuidv7() as DeliveryKey
  const answers = await Promise.all([
    handOver(fresh!, { claimToken, actor: 'first' }),
    handOver(taken!, { claimToken }),
    handOver(withdrawn!),
    handOver(claimed!),
    handOver(claimed!, { agency: agencyCode('H91') }),
    handOver(unknown),
  ])
  t.match(answers, [
    { moved: true, wasHandedOver: false, heldByAnother: false },
    { moved: false, wasHandedOver: true, state: 'handed-over' },
    { moved: false, state: 'withdrawn' },
    { moved: false, heldByAnother: true, state: 'available' },
    undefined,
    undefined,
  ])
  t.same(await eventsOf(claimed!), [], 'nothing happened to it')
  await handOver(claimed!, { claimToken })
})

t.test('one delivery, asked for several times at once, is moved once', async (t) => {
  const [key] = await inInbox(1)
  const answers = await Promise.all(Array.from({ length: 5 }, () => handOver(key!)))
  t.equal(answers.filter((own) => own?.moved).length, 1)
  t.equal(answers.filter((own) => own?.wasHandedOver && !own.moved).length, 4, 'the others came later')
  t.same(await eventsOf(key!), ['delivery-handed-over'])
  t.match(await findDelivery(pool, key!), { leaseEpoch: 2 })
})

t.test('one that somebody holds is waited for, and holds up no other', async (t) => {
  const [held, free] = await inInbox(2)
  let answered = false
  const waiting = await inTransaction(pool, async (db) => {
    t.equal(await withdrawDeliveries(db, [held!], { code: 'recalled' }), 1)
    const [first, second] = [handOver(held!), handOver(free!)]
    void first.then(() => {
      answered = true
    })
    t.match(await second, { moved: true })
    t.match(await handOver(free!), { wasHandedOver: true }, 'and those who come later are served')
    t.notOk(answered, 'while the other waits')
    return { first }
  })
  t.match(await waiting.first, { moved: false, state: 'withdrawn' })
})

t.test('one that the database refuses harms no other', async (t) => {
  const [good, bad] = await inInbox(2)
  const twice = uuidv7()
  await acknowledge(good!)
  await handOver(good!, { event: twice })
  const ends = await Promise.allSettled([acknowledge(good!), handOver(bad!, { event: twice })])
  t.match(ends, [{ status: 'fulfilled', value: { moved: true } }, { status: 'rejected' }])
  t.match(await findDelivery(pool, bad!), { state: 'available' })
  const [more] = await inInbox(1)
  const beside = await Promise.allSettled([handOver(bad!, { event: twice }), handOver(more!)])
  t.match(beside, [{ status: 'rejected' }, { status: 'fulfilled', value: { moved: true } }])
})
