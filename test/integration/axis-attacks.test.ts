import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { AXIS_OPERATIONS, type AxisHeader, type AxisOperation } from '../../src/axis/operations.ts'
import { signHeaders } from '../../src/axis/sign-headers.ts'
import { writeAxisTimestamp } from '../../src/axis/timestamp.ts'
import { axisDoor, type TestSystem } from '../support/axis-door.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { asVendorClient, vendorClient } from '../support/vendor-client.ts'
import { waitFor } from '../support/wait-for.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const MINISTRY: TestSystem = { systemId: 'dms.ministry', serves: ['G90', 'H91'] }
const SYSTEMS: readonly TestSystem[] = [
  MINISTRY,
  { systemId: 'dms.province', serves: ['H90'] },
  { systemId: 'dms.city', serves: ['H91'] },
]
const door = await axisDoor(t, gateway, { systems: SYSTEMS })
const client = (systemId: string) => vendorClient({ port: door.port, systemId })
const [ministry, province, city] = [client('dms.ministry'), client('dms.province'), client('dms.city')]

type Fields = Partial<Record<AxisHeader, string>>

/** Headers as a system signs them, which name no operation. */
const headersOf = (systemId: string, fields: Fields): Record<string, string> =>
  signHeaders({ systemid: systemId, timestamp: writeAxisTimestamp(new Date()), ...fields }, 'test-secret')
/** The head of a request, with headers that somebody may have recorded. */
const headOf = (operation: AxisOperation, headers: Record<string, string>, length: number): string =>
  [
    `${AXIS_OPERATIONS[operation].method} /any/${operation} HTTP/1.1`,
    'Host: axis',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n')
const replay = async (operation: AxisOperation, headers: Record<string, string>, body = '{}') =>
  asVendorClient(
    operation,
    (await door.raw(Buffer.from(headOf(operation, headers, body.length) + body, 'latin1'))).body,
  )

let number = 0
/** A packet from the ministry that lies for the province, and what it says. */
async function sent() {
  number += 1
  const subject = `V/v việc mật số ${number}`
  const documentId = `G90,2026/11/20,tấn công ${number}`
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId, subject })
  const { DocId } = await ministry.send(packet, { from: 'G90' })
  await gateway.deliverDue()
  const { rows } = await pool.query<{ id: string }>('select id from delivery where document_id = $1', [DocId])
  return { packet, subject, document: DocId, delivery: rows[0]!.id }
}
const stateOf = async (delivery: string) => {
  const { rows } = await pool.query<{ state: string }>('select state from delivery where id = $1', [delivery])
  return rows[0]!.state
}

t.test('numbers of others open nothing, and tell nothing', async (t) => {
  const { document, delivery } = await sent()
  const nothing = '01a20220-01ea-7269-9bb7-baf32dc555ca'
  for (const docId of [document, delivery, nothing, '../../etc/passwd', "'; drop table delivery; --"]) {
    for (const operation of ['getEdoc', 'updateStatus'] as const) {
      const answer = await city.ask(operation, { docId, status: 'done', filePath: '../../../etc/passwd' })
      t.match(answer, { status: 'FAIL', ErrorCode: '21' }, `${operation} ${docId}`)
      t.notMatch(answer.ErrorDesc, /G90|H90|withdrawn|moved/, 'not even whose it is')
    }
    t.equal((await city.download(docId)).length, 0)
    t.same((await city.ask('getSentEdocList', { docId })).data, [], docId)
  }
  t.match(await ministry.ask('updateStatus', { docId: document, status: 'done' }), { ErrorCode: '21' })
  t.equal(await stateOf(delivery), 'available', 'and nothing has happened to it')
})

t.test('a status is one of four words, whatever else the language knows', async (t) => {
  const { delivery } = await sent()
  for (const status of ['constructor', '__proto__', 'toString', 'hasownproperty', 'done\ufeffx'])
    t.match(await province.ask('updateStatus', { docId: delivery, status }), { ErrorCode: '10' }, status)
})

t.test('recorded headers of one operation do as another no more than their system may', async (t) => {
  const { delivery } = await sent()
  // A long-lived client's poll leaks what its calls before it were about.
  const recorded = headersOf('dms.province', { messagetype: 'edoc', docId: delivery, status: 'done' })
  t.match(await replay('updateStatus', recorded), { ErrorDesc: /delivery-state-conflict/ }, 'never fetched')
  t.equal(await stateOf(delivery), 'available')
  t.match(await replay('deleteAgency', { ...recorded, 'XroadVnpt-AgencyCode': 'H90' }), { ErrorCode: '15' })
  t.match(await replay('registerAgency', recorded, '{"code":"H90.99","name":"Giả"}'), { ErrorCode: '15' })
  t.match(await replay('sendEdoc', recorded, 'another body'), { ErrorCode: '10', DocId: '' })
  const upload = headersOf('dms.ministry', { from: 'G90', messagetype: 'edoc', 'hash-file': 'ab'.repeat(32) })
  t.match(await replay('sendEdoc', upload, 'another body'), { ErrorDesc: /packet-hash-differs/, DocId: '' })
})

t.test('headers go no deeper than they must', async (t) => {
  const to = '['.repeat(250_000)
  const from = performance.now()
  t.match(await replay('sendEdoc', headersOf('dms.ministry', { from: 'G90', to, 'hash-file': 'ab' })), {
    ErrorCode: '10',
    ErrorDesc: /header-invalid|XroadVnpt-to/,
  })
  t.ok(performance.now() - from < 5_000)
})

/** Begins to send a packet, and gives what is to be written for its rest and how it was answered. */
async function uploading(begin: string) {
  const documentId = `H91,2026/11/20,${begin}`
  const packet = await documentPacket({ from: 'H91', to: ['H90'], documentId })
  const digest = createHash('sha256').update(packet).digest('hex')
  const headers = headersOf('dms.ministry', { from: 'H91', messagetype: 'edoc', 'hash-file': digest })
  const socket = connect(door.port, '127.0.0.1')
  const begun = once(door.app.server, 'request')
  socket.write(headOf('sendEdoc', headers, packet.length), 'latin1')
  socket.write(packet.subarray(0, 500))
  await begun
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  return {
    async finish() {
      socket.write(packet.subarray(500))
      await waitFor(() => Buffer.concat(chunks).includes('\r\n\r\n{'))
      socket.destroy()
      return asVendorClient(
        'sendEdoc',
        Buffer.from(Buffer.concat(chunks).toString('latin1').split('\r\n\r\n')[1]!),
      )
    },
    isThere: async () => {
      const { rows } = await pool.query('select 1 from document where edxml_document_id = $1', [documentId])
      return rows.length > 0
    },
  }
}

t.test('who is revoked, or whose secret has ended, while it sends brings nothing any more', async (t) => {
  const known = door.systems.get('dms.ministry')!
  t.teardown(() => door.systems.set('dms.ministry', known))
  const nobody = () => door.systems.delete('dms.ministry')
  const ended = () => door.systems.set('dms.ministry', { ...known, secrets: ['the new one'] })
  const elsewhere = () =>
    door.systems.set('dms.ministry', { ...known, system: { ...known.system, serves: [] } })
  const cases = {
    revoked: [nobody, '15'],
    rotated: [ended, '15'],
    'serves others': [elsewhere, '19'],
  } as const
  for (const [what, [happens, code]] of Object.entries(cases)) {
    door.systems.set('dms.ministry', known)
    const upload = await uploading(what)
    happens()
    t.equal((await upload.finish()).ErrorCode, code, what)
    t.notOk(await upload.isThere(), what)
  }
  door.systems.set('dms.ministry', known)
  const both = await uploading('rotated in time')
  door.systems.set('dms.ministry', { ...known, secrets: ['the new one', ...known.secrets] })
  t.equal((await both.finish()).ErrorCode, '0', 'an old secret that still works')
  t.ok(await both.isThere())
})

t.test('headers of strangers have an end all together, and nobody else waits for them', async (t) => {
  const most = 3_000_000
  const small = await axisDoor(t, gateway, { systems: SYSTEMS, mostHeaderBytes: most })
  const sockets: Socket[] = []
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
  })
  const line = `x: ${'y'.repeat(90_000)}\r\n`
  for (let at = 0; at < 20; at += 1) {
    const socket = connect(small.port, '127.0.0.1').on('error', () => undefined)
    sockets.push(socket)
    // Half of them never end their headers; the others have, and hold back their body.
    const end = at % 2 === 0 ? '' : 'Content-Length: 9\r\n\r\n'
    socket.write(`POST /x/sendEdoc HTTP/1.1\r\nHost: axis\r\n${line.repeat(5)}${end}`)
  }
  await waitFor(() => sockets.filter(({ closed }) => !closed).length * 450_000 <= most)
  t.ok(
    sockets.some(({ closed }) => !closed),
    'those within the limit may go on',
  )
  const honest = vendorClient({ port: small.port, systemId: MINISTRY.systemId })
  const to = JSON.stringify(Array.from({ length: 9_000 }, (_, at) => `000.00.${at}.H90`))
  t.equal((await honest.ask('countReceiveEdoc', { to })).status, 'OK')
})

t.test('logs tell neither secrets nor signatures nor what documents are about', async (t) => {
  const { subject, delivery } = await sent()
  const { data } = await province.ask('getEdoc', { docId: delivery })
  const headers = headersOf('dms.province', { docId: delivery, to: 'dấu vết' })
  await replay('getEdoc', headers)
  await replay('getEdoc', { ...headers, 'XroadVnpt-docId': 'another' })
  await replay('getEdoc', { ...headers, 'XroadVnpt-hash-header': 'ab'.repeat(32) })
  await city.ask('registerAgency', {}, '{"code": "canary-code"')
  const logged = door.logged()
  t.match(logged, /request refused/, 'it is a log of these')
  for (const word of [
    'test-secret',
    headers['XroadVnpt-hash-header']!,
    'sign-header":',
    'canary',
    subject,
    'dấu vết',
  ])
    t.notOk(logged.includes(word), word)
  t.notOk(logged.includes(data.slice(100, 200)))
})
