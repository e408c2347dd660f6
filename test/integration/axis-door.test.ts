import t from 'tap'
import { addTraceHeader } from '../../src/edxml/add-trace-header.ts'
import { axisDoor } from '../support/axis-door.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts } from '../support/record-facts.ts'
import { vendorClient } from '../support/vendor-client.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const door = await axisDoor(t, gateway, {
  systems: [
    { systemId: 'dms.ministry', serves: ['G90'] },
    { systemId: 'dms.province', serves: ['H90'], withBeneath: true },
    { systemId: 'dms.city', serves: ['H91'] },
    { systemId: 'other.gateway', serves: ['G90', 'H91'], rights: ['gateway'] },
  ],
})
const client = (systemId: string) => vendorClient({ port: door.port, systemId })
const [ministry, province, city] = [client('dms.ministry'), client('dms.province'), client('dms.city')]
const received = (of: typeof ministry, messagetype = 'edoc') =>
  of.ask('getReceivedEdocList', { servicetype: 'eDoc', messagetype })

let number = 0
/** A new packet of the ministry's, in the inboxes of its recipients. */
async function sent(to: readonly string[], facts: { readonly priority?: number } = {}) {
  number += 1
  const documentId = `G90,2026/11/20,${number}/BTN`
  const packet = await documentPacket({ from: 'G90', to, documentId, ...facts })
  const answer = await ministry.send(packet, { from: 'G90' })
  await gateway.deliverDue()
  return { packet, documentId, docId: answer.DocId, answer }
}
const chunksOf = async (content: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return chunks
}
/** Everything off the lists, so that each test sees its own. */
async function clear() {
  for (const one of [ministry, province, city])
    for (const type of ['edoc', 'status'])
      for (const { docId } of (await received(one, type)).data) {
        await one.ask('getEdoc', { docId: docId! })
        await one.ask('updateStatus', { docId: docId!, status: 'done' })
      }
}

t.test('a packet is sent, listed, fetched as it was sent, and confirmed', async (t) => {
  const { packet, docId, answer } = await sent(['H90', 'H91'])
  t.match(answer, { status: 'OK', ErrorCode: '0', DocId: /^[0-9a-f-]{36}$/ })

  t.equal((await province.ask('countReceiveEdoc', { servicetype: 'eDoc' })).count, 1)
  t.equal((await province.ask('countReceiveStatus')).count, 0)
  const { data } = await received(province)
  t.match(data, [{ from: 'G90', to: 'H90', messageType: 'edoc', serviceType: 'eDoc', status: 'initial' }])
  const delivery = data[0]!.docId!

  const fetched = await province.ask('getEdoc', { docId: delivery, filePath: 'C:\\edoc' })
  t.ok(Buffer.from(fetched.data, 'base64').equals(packet), 'byte for byte')
  t.notOk('tramSeal' in fetched, 'nothing beside it for a system')
  t.ok((await province.download(delivery)).equals(packet))

  await province.ask('updateStatus', { docId: delivery, status: 'PROCESSING' })
  t.match((await received(province)).data, [{ docId: delivery, status: 'processing' }], 'stays listed')
  for (const status of ['Done', 'done'])
    t.match(await province.ask('updateStatus', { docId: delivery, status }), { status: 'OK' })
  t.same((await received(province)).data, [])
  t.equal((await province.ask('countReceiveEdoc')).count, 0)

  const seen = await ministry.ask('getSentEdocList', { servicetype: 'eDoc', messagetype: 'edoc', docId })
  t.same(
    seen.data.map(({ toCode, sendStatus, receiveStatus, senderDocId }) => ({
      toCode,
      sendStatus,
      receiveStatus,
      senderDocId,
    })),
    [
      { toCode: 'H90', sendStatus: 'done', receiveStatus: 'done', senderDocId: docId },
      { toCode: 'H91', sendStatus: 'done', receiveStatus: 'initial', senderDocId: docId },
    ],
  )
  t.ok(
    Buffer.from((await ministry.ask('getEdoc', { docId })).data, 'base64').equals(packet),
    "the sender's own",
  )
  await clear()
})

t.test('what a system tells of a packet is neither delivery nor business status', async (t) => {
  const { docId } = await sent(['H91'])
  const [item] = (await received(city)).data
  await city.ask('getEdoc', { docId: item!.docId! })
  const fields = { docId: item!.docId!, status: 'fail', description: 'Không giải nén được' }
  await city.ask('updateStatus', fields)
  const { rows } = await pool.query('select state, processing_status from delivery where id = $1', [
    item!.docId,
  ])
  t.same(rows, [{ state: 'handed-over', processing_status: null }])
  t.match(
    (await received(city)).data,
    [{ status: 'fail', status_desc: 'Không giải nén được' }],
    'may be tried again',
  )
  t.match((await ministry.ask('getSentEdocList', { docId })).data, [
    { receiveStatus: 'fail', receiveStatusDesc: 'Không giải nén được' },
  ])
  const onRecord = async () => {
    const { rows } = await pool.query(
      `select actor, agency_code, detail from audit_event where delivery_id = $1 and kind = 'packet-not-stored'`,
      [item!.docId],
    )
    return rows
  }
  const said = { actor: 'dms.city', agency_code: 'H91', detail: { description: 'Không giải nén được' } }
  t.same(await onRecord(), [said], 'what auditors see')
  for (const status of ['processing', 'fail']) await city.ask('updateStatus', { ...fields, status })
  t.same(await onRecord(), [said], 'once, however often it is repeated')
  await city.ask('updateStatus', { ...fields, description: 'Hết đĩa' })
  t.equal((await onRecord()).length, 2, 'another reason is another event')
  // A long-lived client signs the description of an earlier call again.
  await city.ask('updateStatus', { ...fields, status: 'done' })
  t.match((await ministry.ask('getSentEdocList', { docId })).data, [{ receiveStatus: 'done' }])
  t.notMatch((await ministry.ask('getSentEdocList', { docId })).data, [{ receiveStatusDesc: 'Không' }])
})

t.test('statuses go the same way, and are told apart', async (t) => {
  const { documentId } = await sent(['H91'])
  await clear()
  const packet = statusPacket({ from: 'H91', to: 'G90', documentId, code: '03' })
  // `to` and messagetype may be left over from an earlier call: the packet says what it is, and where it goes.
  const answer = await city.send(packet, { from: 'H91', to: '["H90"]' })
  t.equal(answer.status, 'OK')
  await gateway.deliverDue()
  t.same((await received(ministry)).data, [])
  t.equal((await ministry.ask('countReceiveStatus')).count, 1)
  const { data } = await received(ministry, 'status')
  t.match(data, [{ from: 'H91', to: 'G90', messageType: 'status' }])
  const fetched = await ministry.ask('getEdoc', { docId: data[0]!.docId! })
  t.ok(Buffer.from(fetched.data, 'base64').equals(Buffer.from(packet)))
  t.match((await city.ask('getSentEdocList', { messagetype: 'status' })).data, [{ toCode: 'G90' }])
  await clear()
})

t.test('the same packet again is the same document; each recipient gets it once', async (t) => {
  const packet = await documentPacket({ from: 'G90', to: ['H90', 'H91'], documentId: 'G90,2026/11/20,again' })
  const [first, second] = [await ministry.send(packet, {}), await ministry.send(packet, { from: 'G90' })]
  t.equal(first.DocId, second.DocId)
  const other = await documentPacket({
    from: 'G90',
    to: ['H90'],
    documentId: 'G90,2026/11/20,again',
    subject: 'khác',
  })
  t.match(await ministry.send(other, {}), { status: 'FAIL', ErrorCode: '21', DocId: '' })
  await gateway.deliverDue()
  t.equal((await received(city)).data.length, 1)
  await clear()
})

t.test('`to` names some of the recipients', async (t) => {
  const packet = await documentPacket({
    from: 'G90',
    to: ['H90', 'H91'],
    documentId: 'G90,2026/11/20,in parts',
  })
  t.equal((await ministry.send(packet, { to: '["H91"]' })).status, 'OK')
  await gateway.deliverDue()
  t.equal((await received(city)).data.length, 1)
  t.equal((await received(province)).data.length, 0)
  t.equal((await ministry.send(packet, { to: '["H91","H90"]' })).status, 'OK')
  await gateway.deliverDue()
  t.equal((await received(city)).data.length, 1)
  t.equal((await received(province)).data.length, 1)
  await clear()
})

t.test('six hundred recipients stand in one header', async (t) => {
  const codes = Array.from({ length: 600 }, (_, at) => `H92.${String(at).padStart(3, '0')}`)
  await recordFacts(
    pool,
    codes.flatMap((code) => agencyFacts({ code, tier: 'commune' })),
  )
  await gateway.api.registry.upToDate(pool)
  const packet = await documentPacket({
    from: 'G90',
    to: ['H91', ...codes],
    documentId: 'G90,2026/11/20,many',
  })
  const { status, DocId } = await ministry.send(packet, { to: JSON.stringify(codes) })
  t.equal(status, 'OK')
  const { data } = await ministry.ask('getSentEdocList', { docId: DocId })
  t.strictSame(
    data.map(({ toCode }) => toCode),
    codes,
  )
})

t.test('a system sees and moves only what belongs to its agencies', async (t) => {
  const { docId } = await sent(['H90.31'])
  const { data } = await received(province)
  t.match(data, [{ to: 'H90.31' }], 'also of who stands beneath')
  const delivery = data[0]!.docId!
  for (const stranger of [city, ministry])
    for (const operation of ['getEdoc', 'updateStatus'] as const)
      t.match(
        await stranger.ask(operation, { docId: delivery, status: 'done' }),
        { status: 'FAIL', ErrorCode: '21' },
        operation,
      )
  t.equal((await city.download(delivery)).length, 0)
  t.same((await city.ask('getSentEdocList', { docId })).data, [])
  t.match(
    await ministry.ask('updateStatus', { docId, status: 'done' }),
    { status: 'FAIL' },
    "the sender's own",
  )
  t.match(
    await province.ask('updateStatus', { docId: delivery, status: 'done' }),
    { status: 'FAIL' },
    'not fetched',
  )
  t.match(await province.ask('updateStatus', { docId: delivery, status: '03' }), {
    status: 'FAIL',
    ErrorCode: '10',
  })
  for (const docId of ['', '1', 'x'.repeat(10_000), '00000000-0000-7000-8000-000000000000'])
    t.match(await province.ask('getEdoc', { docId }), { status: 'FAIL' }, docId.slice(0, 40))
  t.match((await received(province)).data, [{ docId: delivery, status: 'initial' }], 'nothing has changed')
  await clear()
})

t.test('a packet is sent in the name of who is served alone', async (t) => {
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,false' })
  t.match(await city.send(packet, { from: 'G90' }), { status: 'FAIL', ErrorCode: '19', DocId: '' })
  t.match(
    await city.send(packet, { from: 'H91' }),
    { status: 'FAIL', ErrorCode: '19', DocId: '' },
    'as From says',
  )
  t.match(await city.send(packet, {}), { status: 'FAIL', ErrorCode: '19' })
  const commune = await documentPacket({ from: 'H90.32', to: ['G90'], documentId: 'H90.32,2026/11/20,1' })
  t.equal((await province.send(commune, { from: 'H90.32' })).status, 'OK', 'who stands beneath, too')
  await gateway.deliverDue()
  await clear()
})

t.test('who was registered a moment ago sends, though this process has not heard of it yet', async (t) => {
  const { registry } = gateway.api
  const before = await registry.upToDate(pool)
  await recordFacts(pool, agencyFacts({ code: 'G93', tier: 'central' }))
  const behind = await axisDoor(t, gateway, {
    systems: [{ systemId: 'dms.new', serves: ['G93'] }],
    context: {
      registry: {
        current: () => before,
        upToDate: (db) => registry.upToDate(db),
        asOfNow: (db) => registry.asOfNow(db),
        ageSeconds: () => registry.ageSeconds(),
        close: async () => undefined,
      },
    },
  })
  const sender = vendorClient({ port: behind.port, systemId: 'dms.new' })
  const packet = await documentPacket({ from: 'G93', to: ['H91'], documentId: 'G93,2026/11/20,1/BTN' })
  t.match(await sender.send(packet, { from: 'G93' }), { status: 'OK' })
  t.match(await sender.send(packet, { from: 'G94' }), { ErrorDesc: /sender-mismatch/ })
  await gateway.deliverDue()
  await clear()
})

t.test('what is wrong with a packet is told by its code', async (t) => {
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,wrong' })
  const unknown = await documentPacket({ from: 'G90', to: ['Z99'], documentId: 'G90,2026/11/20,nobody' })
  const fail = (ErrorCode: string) => ({ status: 'FAIL', ErrorCode, DocId: '' })
  t.match(await ministry.send(packet, { 'hash-file': 'f'.repeat(64) }), fail('10'))
  t.match(await ministry.send(packet, { 'hash-file': '' }), fail('10'))
  t.match(await ministry.send(packet, { messagetype: 'letter' }), fail('10'))
  t.match(await ministry.send(packet, { to: '[1]' }), fail('10'))
  t.match(await ministry.send(Buffer.from('<edXML'), {}), fail('22'))
  t.match(await ministry.send(Buffer.from(''), {}), fail('22'))
  t.match(await ministry.send(unknown, {}), { ...fail('18'), ErrorDesc: /Z99/ })
  const { rows } = await pool.query("select 1 from document where edxml_document_id like '%wrong'")
  t.same(rows, [])
})

t.test('days and numbers narrow lists; those of an earlier call do not', async (t) => {
  const { docId } = await sent(['H91'])
  const list = (fields: object) => city.ask('getReceivedEdocList', { messagetype: 'edoc', ...fields })
  t.equal((await list({ fromDate: '2020/01/01', toDate: '31/12/2099' })).data.length, 1)
  t.equal((await list({ fromDate: '2099/01/01' })).data.length, 0)
  t.equal((await list({ toDate: '01/01/2020' })).data.length, 0)
  t.match(await list({ toDate: '30/02/2020' }), { status: 'FAIL', ErrorCode: '10', data: [] })
  const leaked = { docId, status: 'done', to: '["H90"]', 'hash-file': 'f', from: 'H90', level: 'x' }
  t.equal((await list(leaked)).data.length, 1)
  t.same((await list({})).data, (await list(leaked)).data, 'and nothing was confirmed by them')

  const { data } = await list({})
  t.ok((await ministry.ask('getSentEdocList', {})).data.length > 1)
  const mine = await documentPacket({ from: 'H91', to: ['G90'], documentId: 'H91,2026/11/20,1' })
  await city.send(mine, {})
  const sentBy = (id: string) => city.ask('getSentEdocList', { messagetype: 'edoc', docId: id })
  t.equal(
    (await sentBy(data[0]!.docId!)).data.length,
    1,
    'the number of a packet that was received is left over',
  )
  t.equal((await sentBy('00000000-0000-7000-8000-000000000000')).data.length, 0)
  t.equal((await sentBy('nothing')).data.length, 0)
  await gateway.deliverDue()
  await clear()
})

t.test('hỏa tốc stands first', async (t) => {
  const plain = await sent(['H91'])
  const urgent = await sent(['H91'], { priority: 3 })
  const { data } = await received(city)
  const documents = await pool.query('select id, document_id from delivery where id = any($1)', [
    data.map(({ docId }) => docId),
  ])
  const documentOf = new Map(documents.rows.map((row) => [row.id, row.document_id]))
  t.same(
    data.map(({ docId }) => documentOf.get(docId)),
    [urgent.docId, plain.docId],
  )
  await clear()
})

t.test('a gateway gets the seal and the way beside the packet', async (t) => {
  const { packet, docId } = await sent(['H91'])
  const fetched = await client('other.gateway').ask('getEdoc', { docId })
  t.ok(Buffer.from(fetched.data, 'base64').equals(packet))
  t.match(fetched, { tramSeal: /^[A-Za-z0-9+/=]{100,}$/ })
  await clear()
})

t.test('a TraceHeader is written where that is configured, and for systems alone', async (t) => {
  const { axis: _, ...config } = gateway.api.config
  const axis = { host: '', port: 0, url: null, tls: null, rateLimit: 1_000, writesTrace: true }
  const tracing = await axisDoor(t, gateway, {
    systems: [
      { systemId: 'dms.city', serves: ['H91'] },
      { systemId: 'other.gateway', serves: ['H91'], rights: ['gateway'] },
    ],
    context: { traceId: '000.00.00.H90' },
    config: { ...config, axis },
  })
  const { packet } = await sent(['H91'])
  const through = (systemId: string) => vendorClient({ port: tracing.port, systemId })
  const [{ docId } = { docId: '' }] = (await received(through('dms.city'))).data
  const { data } = await through('dms.city').ask('getEdoc', { docId: docId! })
  const given = Buffer.from(data, 'base64')
  const timestamp = /<edXML:Timestamp>([^<]+)/.exec(given.toString())![1]!
  const expected = await addTraceHeader(
    {
      length: packet.length,
      open: async function* () {
        yield packet
      },
    },
    { organId: '000.00.00.H90', timestamp },
  )
  t.ok(given.equals(Buffer.concat(await chunksOf(expected.open()))))
  t.ok((await through('dms.city').download(docId!)).equals(given))
  const toGateway = await through('other.gateway').ask('getEdoc', { docId: docId! })
  t.ok(Buffer.from(toGateway.data, 'base64').equals(packet))
  t.match(toGateway, { tramHops: `[{"organId":"000.00.00.H90","timestamp":"${timestamp}"}]` })
  await clear()
})
