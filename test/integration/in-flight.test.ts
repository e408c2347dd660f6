import t from 'tap'
import { listAttempts } from '../../src/db/attempts.ts'
import { listDocumentEvents } from '../../src/db/audit-events.ts'
import {
  type DeliveryRecord,
  findDelivery,
  listDeliveries,
  withdrawDeliveries,
} from '../../src/db/deliveries.ts'
import { redirectDeliveries } from '../../src/db/in-flight-moves.ts'
import { handOverOwn } from '../../src/db/own-deliveries.ts'
import { type DeliveryPosition, pageDeliveries } from '../../src/db/sent-documents.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { cancelDelivery, retryDelivery } from '../../src/delivery/administer.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { addressedOf } from '../../src/delivery/in-flight/addressed.ts'
import { type SweepOptions, sweepInFlight } from '../../src/delivery/in-flight/sweep.ts'
import { WITHOUT_CONNECTOR } from '../../src/domain/channel-id.ts'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import type { Succession } from '../../src/domain/directory/succession.ts'
import { agencyCode, type DeliveryKey, type DocumentKey, uuidv7 } from '../../src/domain/identifiers.ts'
import { handOver } from '../../src/receipts/hand-over.ts'
import { claimItems, readInbox } from '../../src/receipts/inbox.ts'
import { documentTimeline } from '../../src/receipts/timeline.ts'
import { channelsOf } from '../fakes/channels.ts'
import { channelThat, GatedChannel, SENT } from '../fakes/gated-channel.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts, replaceFacts } from '../support/record-facts.ts'
import { waitFor } from '../support/wait-for.ts'

const SENDER = 'G90'
/** Midnight of the change comes when a sweep is told that it is this day. */
const DAY = '2100-07-01'
const never = new AbortController().signal

const gateway = await testGateway(t)
const { pool, waiters, registry } = gateway.api

const succession = (code: string, heir: string | null, policy: Partial<Succession> = {}): NewFact => ({
  subject: agencyCode(code),
  kind: 'succession',
  value: {
    act: 'merge',
    heirs: heir === null ? [] : [{ code: agencyCode(heir) }],
    main: heir === null ? null : agencyCode(heir),
    whenAddressed: 'redirect',
    whenInFlight: 'redirect',
    basis: '202/2025/QH15',
    ...policy,
  },
  validFrom: DAY,
  validTo: null,
})

let serial = 0
/** A new agency that closes on the day, and how. */
async function closing(heir: string | null, policy: Partial<Succession> = {}): Promise<string> {
  serial += 1
  const code = `H90.${500 + serial}`
  await recordFacts(pool, [
    ...agencyFacts({ code, name: `Xã Cũ ${serial}`, parent: 'H90', validTo: DAY }),
    succession(code, heir, policy),
  ])
  await pool.query(
    `insert into client (client_id, role, agency_code, name) values ($1, 'agency', $2, 'DMS')`,
    [callerOf(code).clientId, code],
  )
  return code
}

async function send(...to: string[]): Promise<DocumentKey> {
  serial += 1
  const documentId = `${SENDER},2026/11/20,${serial}/BTN-VP`
  return (await gateway.submit(SENDER, await documentPacket({ from: SENDER, to, documentId }))).claims
    .document
}

const sweep = (options: SweepOptions = {}) =>
  sweepInFlight({ pool, registry, usable: WITHOUT_CONNECTOR, actor: 'worker:test' }, { day: DAY, ...options })

const one = async (document: DocumentKey) => (await listDeliveries(pool, document))[0]!
const eventsOf = async (document: DocumentKey, kind: string) =>
  (await listDocumentEvents(pool, document)).filter((event) => event.kind === kind)
const inboxOf = (agency: string) =>
  readInbox(
    pool,
    waiters,
    { agency: agencyCode(agency), after: 0, limit: 500, kind: null, wait: 0 },
    () => never,
  )
const own = (agency: string, delivery: DeliveryKey) => ({
  caller: callerOf(agency),
  agency: agencyCode(agency),
  delivery,
  claimToken: null,
})
const workerWith = (channel: Parameters<typeof channelsOf>[0]) => ({
  ...gateway.worker,
  channels: channelsOf(channel),
})
const NONE = { redirected: 0, joined: 0, bounced: 0, kept: 0 }

t.test('waiting, available and failed deliveries go to the successor, once, under both names', async (t) => {
  const old = await closing('H91')
  const [waiting, available, failed, taken] = [
    await send(old),
    await send(old),
    await send(old),
    await send(old),
  ]
  await deliver(workerWith(channelThat(SENT)), (await one(available)).key, never)
  const refused = channelThat({
    outcome: 'refused',
    failure: { code: 'x', explanation: { vi: 'x', en: 'x' } },
  })
  await deliver(workerWith(refused), (await one(failed)).key, never)
  await deliver(workerWith(channelThat(SENT)), (await one(taken)).key, never)
  await handOver(pool, own(old, (await one(taken)).key))
  t.equal((await one(failed)).state, 'failed')
  t.same(await sweep({ day: '2100-06-30' }), NONE, 'nothing the day before')

  const before = await one(available)
  t.same(await sweep(), { ...NONE, redirected: 3 })
  t.same(await sweep(), NONE, 'what is done is found no more')
  t.match(await one(taken), { recipient: old, state: 'handed-over' }, 'what the recipient may hold stays')
  for (const document of [waiting, available, failed]) {
    const now = await one(document)
    t.match(now, {
      recipient: 'H91',
      tier: 'province',
      state: 'waiting',
      inboxNumber: null,
      attempts: 0,
      reason: null,
    })
    t.match(addressedOf(now.route), [
      {
        spelling: old,
        code: old,
        hops: [{ from: { code: old }, to: { code: 'H91', name: 'Thành phố Thử nghiệm' } }],
      },
    ])
    const [event] = await eventsOf(document, 'delivery-redirected')
    t.match(event?.detail, {
      from: { code: old, name: /^Xã Cũ/ },
      to: { code: 'H91', name: 'Thành phố Thử nghiệm' },
      act: 'merge',
      on: DAY,
      basis: '202/2025/QH15',
    })
  }
  t.ok((await one(available)).leaseEpoch > before.leaseEpoch)
  t.same(
    (await inboxOf(old)).map(({ document }) => document),
    [taken],
  )
  await t.rejects(handOver(pool, own(old, before.key)), { code: 'delivery-moved' })
  const departures = await pool.query(
    'select inbox_number, moved_to from inbox_departure where agency_code = $1 order by 1',
    [old],
  )
  t.same(departures.rows, [
    { inbox_number: 1, moved_to: 'H91' },
    { inbox_number: 2, moved_to: 'H91' },
  ])

  await gateway.deliverDue()
  const inbox = await inboxOf('H91')
  t.same(inbox.map(({ document }) => document).sort(), [waiting, available, failed].sort())
  t.same(new Set(inbox.map(({ number }) => number)).size, 3)
})

t.test('a document that the successor gets as well reaches it once, and both names stay', async (t) => {
  const [first, second] = [await closing('H91'), await closing('H91')]
  const document = await send(first, second, 'H91')
  t.same(await sweep(), { ...NONE, joined: 2 })
  const deliveries = await listDeliveries(pool, document)
  const survivor = deliveries.find(({ recipient }) => recipient === 'H91')!
  t.equal(survivor.state, 'waiting')
  t.same(
    addressedOf(survivor.route)
      .map(({ code }) => code)
      .sort(),
    [first, second, 'H91'].sort(),
  )
  for (const code of [first, second])
    t.match(
      deliveries.find(({ recipient }) => recipient === code),
      { state: 'withdrawn', reason: { code: 'joined', with: survivor.key } },
    )
  t.equal((await eventsOf(document, 'delivery-withdrawn')).length, 2)
  t.equal((await eventsOf(document, 'delivery-joined')).length, 2)

  await gateway.deliverDue()
  await handOver(pool, own('H91', survivor.key))
  t.match(
    await documentTimeline(pool, document),
    { state: 'delivered' },
    'whoever was addressed has it, under whatever name',
  )

  const both = await send(first, second)
  t.same(await sweep(), { ...NONE, redirected: 1, joined: 1 }, 'two that merge, in one batch')
  t.equal((await listDeliveries(pool, both)).filter(({ state }) => state === 'waiting').length, 1)
  t.same(await sweep(), NONE)
})

t.test('what was withdrawn from the successor reaches it all the same by the name it was not', async (t) => {
  const old = await closing('H91')
  const document = await send(old, 'H91')
  const byRecipient = (code: string, deliveries: readonly DeliveryRecord[]) =>
    deliveries.find(({ recipient }) => recipient === code)!
  const before = await listDeliveries(pool, document)
  await cancelDelivery(pool, { clientId: 'admin' }, byRecipient('H91', before).key, 'test')
  t.same(await sweep(), { ...NONE, redirected: 1 })
  t.same(await sweep(), NONE)
  t.match(await findDelivery(pool, byRecipient('H91', before).key), { state: 'withdrawn', recipient: 'H91' })
  const moved = byRecipient(old, before).key
  t.match(await findDelivery(pool, moved), {
    state: 'waiting',
    recipient: 'H91',
    route: { addressed: [{ code: old, hops: [{ to: { code: 'H91' } }] }] },
  })
  const pages: DeliveryKey[] = []
  for (let after: DeliveryPosition | null = null; ; ) {
    const [delivery] = await pageDeliveries(pool, document, after, 1)
    if (delivery === undefined) break
    pages.push(delivery.key)
    after = [delivery.recipient, delivery.key]
  }
  t.same(pages.sort(), before.map(({ key }) => key).sort(), 'pages of one show both')
  await gateway.deliverDue()
  await handOver(pool, own('H91', moved))

  const [second, third] = [await closing('H91'), await closing('H91')]
  const both = await send(second, third, 'H91')
  const twin = byRecipient('H91', await listDeliveries(pool, both)).key
  await cancelDelivery(pool, { clientId: 'admin' }, twin, 'test')
  t.same(
    await sweep(),
    { ...NONE, redirected: 1, joined: 1 },
    'two more become one, beside the withdrawn one',
  )
})

t.test('where the successor was given up too, its delivery begins anew under both names', async (t) => {
  const [first, second] = [await closing('H91'), await closing('H91')]
  const document = await send(first, second, 'H91')
  const twin = (await listDeliveries(pool, document)).find(({ recipient }) => recipient === 'H91')!
  const failure = { code: 'x', explanation: { vi: 'x', en: 'x' } }
  await deliver(workerWith(channelThat({ outcome: 'refused', failure })), twin.key, never)
  const failed = (await findDelivery(pool, twin.key))!
  t.match(failed, { state: 'failed' })
  t.same(await sweep(), { ...NONE, joined: 2 })
  const reopened = (await findDelivery(pool, twin.key))!
  t.match(reopened, { state: 'waiting', attempts: 0, reason: null, inboxNumber: failed.inboxNumber })
  t.same(
    addressedOf(reopened.route)
      .map(({ code }) => code)
      .sort(),
    [first, second, 'H91'].sort(),
  )
  t.match(await eventsOf(document, 'delivery-reopened'), [
    { delivery: twin.key, detail: { before: { state: 'failed' } } },
  ])
  t.equal((await eventsOf(document, 'delivery-reopened')).length, 1)
  await gateway.deliverDue()
  await handOver(pool, own('H91', twin.key))
  t.match(await documentTimeline(pool, document), { state: 'delivered' })
})

t.test('a bounce is named, in both languages, and a retry is judged anew', async (t) => {
  const old = await closing('H91', { whenInFlight: 'bounce' })
  const document = await send(old)
  const { key } = await one(document)
  await deliver(workerWith(channelThat(SENT)), key, never)
  t.same(await sweep(), { ...NONE, bounced: 1 })
  t.match(await one(document), {
    recipient: old,
    state: 'failed',
    inboxNumber: null,
    reason: {
      code: 'recipient-closed',
      explanation: { vi: /kết thúc hoạt động.*Thành phố Thử nghiệm \(H91\)/, en: /closed.*\(H91\)/ },
      detail: { successor: { code: 'H91' }, closedOn: DAY },
    },
  })
  t.match(await eventsOf(document, 'delivery-failed'), [{ detail: { result: { code: 'recipient-closed' } } }])
  t.same(await inboxOf(old), [])
  await t.rejects(handOver(pool, own(old, key)), { code: 'delivery-moved' })
  t.same(await sweep(), NONE)
  await retryDelivery(pool, { clientId: 'admin' }, key)
  t.same(await sweep(), { ...NONE, bounced: 1 })
})

t.test('what stays is noticed once, and looked at again when the succession is corrected', async (t) => {
  const kept = await closing('H91', { whenInFlight: 'keep' })
  const heirless = await closing(null, { act: 'closure' })
  const documents = [await send(kept), await send(heirless)] as const
  t.same(await sweep(), { ...NONE, kept: 2 })
  t.same(await sweep(), NONE)
  await recordFacts(pool, agencyFacts({ code: 'H90.499' }))
  t.same(await sweep(), NONE, 'a revision that is about others changes nothing')
  t.match(await eventsOf(documents[0], 'delivery-kept'), [{ detail: { because: 'policy' } }])
  t.match(await eventsOf(documents[1], 'delivery-kept'), [{ detail: { because: 'no-successor' } }])
  await replaceFacts(pool, kept, 'succession', [succession(kept, 'H91')])
  t.same(await sweep(), { ...NONE, redirected: 1 })
  await replaceFacts(pool, heirless, 'succession', [succession(heirless, 'H91')])
  t.same(await sweep(), { ...NONE, redirected: 1 })
})

t.test(
  'what stays for want of an open successor goes on as soon as one opens, with no new revision',
  async (t) => {
    const heir = 'H90.498'
    const begins = '2100-08-01'
    await recordFacts(pool, agencyFacts({ code: heir, name: 'Xã Chưa mở', parent: 'H90', validFrom: begins }))
    const code = await closing(heir)
    const document = await send(code)
    t.same(await sweep(), { ...NONE, kept: 1 })
    t.same(await sweep(), NONE, 'once a day')
    t.same(await sweep({ day: begins }), { ...NONE, redirected: 1 })
    t.equal((await one(document)).recipient, heir)
  },
)

t.test('hand-over or redirect, whichever comes first, and never both', async (t) => {
  const old = await closing('H91')
  const [fetched, moved] = [await send(old), await send(old)]
  for (const document of [fetched, moved])
    await deliver(workerWith(channelThat(SENT)), (await one(document)).key, never)
  const claim = await claimItems(pool, agencyCode(old), 300, 10)
  const [first, second] = [(await one(fetched)).key, (await one(moved)).key]
  const blocked = () =>
    waitFor(async () => {
      const { rows } = await pool.query(
        `select from pg_locks join pg_stat_activity using (pid)
          where not granted and locktype = 'transactionid' and datname = current_database()`,
      )
      return rows.length > 0
    })

  await inTransaction(pool, async (db) => {
    const { claimToken } = claim
    await handOverOwn(db, { agency: agencyCode(old), key: first, claimToken, actor: 'test', event: uuidv7() })
    const swept = sweep()
    await blocked()
    return { swept }
  }).then(async ({ swept }) => t.same(await swept, { ...NONE, redirected: 1 }, 'the hand-over came first'))
  t.match(await one(fetched), { recipient: old, state: 'handed-over' })
  t.match(await one(moved), { recipient: 'H91', state: 'waiting' })

  const third = await send(old)
  const { key } = await one(third)
  await deliver(workerWith(channelThat(SENT)), key, never)
  const route = (await one(third)).route
  const late = await inTransaction(pool, async (db) => {
    const move = { key, from: agencyCode(old), to: agencyCode('H91'), tier: 'province', firstAttemptAt: null }
    t.equal(await redirectDeliveries(db, [{ ...move, channel: 'mailbox', route }]), 1)
    const fetching = handOver(pool, own(old, key)).catch((error: unknown) => error)
    await blocked()
    return { fetching }
  })
  t.match(await late.fetching, { code: 'delivery-moved' }, 'the redirect came first')
  t.match(await one(third), { recipient: 'H91', state: 'waiting', handedOverAt: null })
  await t.rejects(handOver(pool, { ...own(old, second), claimToken: claim.claimToken }), {
    code: 'delivery-moved',
  })
})

t.test('a worker that is sending to the old recipient is fenced off', async (t) => {
  const old = await closing('H91')
  const { key, document } = await one(await send(old))
  const channel = new GatedChannel()
  const delivering = deliver(workerWith(channel), key, never)
  const sending = await channel.begun(0)
  t.same(await sweep(), { ...NONE, redirected: 1 })
  sending.finish(SENT)
  t.equal(await delivering, 'superseded')
  t.match(await one(document), { recipient: 'H91', state: 'waiting' })
  t.match(await listAttempts(pool, key), [{ state: 'superseded' }])
})

t.test('stopped between two batches it goes on where it was; nothing is done twice', async (t) => {
  const old = await closing('H91')
  const documents = []
  for (let count = 0; count < 7; count += 1) documents.push(await send(old))
  const stopping = new AbortController()
  const stopped = await sweep({ batch: 3, signal: stopping.signal, onProgress: () => stopping.abort() })
  const first = stopped?.redirected ?? 0
  t.ok(first > 0 && first < 4, 'one batch, and no more')
  const [rest, other] = await Promise.all([sweep({ batch: 2 }), sweep({ batch: 3 })])
  const moved = [rest, other].reduce((sum, swept) => sum + (swept?.redirected ?? 0), first)
  t.equal(moved + ((await sweep())?.redirected ?? 0), 7)
  for (const document of documents) {
    t.match(await one(document), { recipient: 'H91' })
    t.equal((await eventsOf(document, 'delivery-redirected')).length, 1)
  }
})

t.test('who takes over from a split agency depends on the kind of document', async (t) => {
  const heirs = [{ code: agencyCode('H90.31'), documentTypes: ['Công văn'] }, { code: agencyCode('H91') }]
  const old = await closing('H91', { act: 'split', heirs })
  const document = await send(old)
  t.same(await sweep(), { ...NONE, redirected: 1 })
  t.match(await one(document), { recipient: 'H90.31', tier: 'commune' })
})

t.test('what was withdrawn before stays withdrawn', async (t) => {
  const old = await closing('H91')
  const { key, document } = await one(await send(old))
  await inTransaction(pool, (db) => withdrawDeliveries(db, [key], { code: 'test' }))
  t.same(await sweep(), NONE)
  t.match(await findDelivery(pool, key), { recipient: old, state: 'withdrawn', document })
})
