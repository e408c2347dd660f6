import { connect } from 'node:net'
import t from 'tap'
import { startPostgres } from '../../scripts/services/postgres.ts'
import { AXIS_OPERATIONS, type AxisOperation } from '../../src/axis/operations.ts'
import { signHeaders } from '../../src/axis/sign-headers.ts'
import { writeAxisTimestamp } from '../../src/axis/timestamp.ts'
import { migrate } from '../../src/db/migrate.ts'
import { answerToUnreadable } from '../../src/http/axis-door/unreadable.ts'
import { axisDoor, type TestSystem } from '../support/axis-door.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { asVendorClient, vendorClient } from '../support/vendor-client.ts'
import { waitFor } from '../support/wait-for.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const SYSTEM: TestSystem = { systemId: 'dms.ministry', serves: ['G90'] }
const OPERATIONS = Object.keys(AXIS_OPERATIONS) as AxisOperation[]
const JSON_OPERATIONS = OPERATIONS.filter((operation) => operation !== 'downloadEdoc')
const door = await axisDoor(t, gateway, { systems: [SYSTEM] })
const ministry = vendorClient({ port: door.port, systemId: SYSTEM.systemId })

const headersOf = (fields: Record<string, string>, secret = 'test-secret'): string =>
  Object.entries(
    signHeaders({ systemid: SYSTEM.systemId, timestamp: writeAxisTimestamp(new Date()), ...fields }, secret),
  )
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
const asked = (line: string, head = '', body = ''): Buffer =>
  Buffer.from(
    `${line} HTTP/1.1\r\nHost: axis\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`,
    'latin1',
  )
/** The answer of the door to bytes, as the client of an operation reads it. */
const answerTo = async (bytes: Buffer, operation: AxisOperation = 'sendEdoc') => {
  const { status, head, body } = await door.raw(bytes)
  return { http: status, head, ...asVendorClient(operation, body) }
}

t.test('whatever cannot be read is answered in JSON', async (t) => {
  const fail = (ErrorCode: string) => ({ http: 200, status: 'FAIL', ErrorCode })
  const line = 'POST /any/prefix/getReceivedEdocList'
  t.match(
    await answerTo(Buffer.from('\x16\x03\x01\x02\x00\x01\x00\r\n\r\n')),
    { ...fail('10'), DocId: '' },
    'TLS',
  )
  t.match(
    await answerTo(Buffer.from('POST /x/getEdoc HTTP/9.9\r\n\r\n'), 'getEdoc'),
    fail('10'),
    'a version to come',
  )
  t.match(await answerTo(Buffer.from(`${line} HTTP/1.1\r\nbad header\r\n\r\n`), 'getReceivedEdocList'), {
    ...fail('10'),
    data: [],
  })
  t.match(
    await answerTo(asked('POST /x/sendEdoc', 'Content-Length: 7\r\n'), 'sendEdoc'),
    fail('10'),
    'two lengths',
  )
  t.match(await answerTo(asked('POST /%zz/%ff')), fail('10'), 'a path that cannot be decoded')
  t.match(
    await answerTo(asked('POST /x/sendEdocs')),
    { ...fail('21'), DocId: '' },
    'an operation that there is not',
  )
  t.match(await answerTo(asked('POST /x/SENDEDOC')), fail('21'))
  t.match(await answerTo(asked('POST /')), fail('21'))
  for (const method of ['GET', 'PUT', 'OPTIONS', 'PROPFIND', 'DELETE'])
    t.match(await answerTo(asked(`${method} /x/sendEdoc`)), { ...fail('10'), DocId: '' }, method)
  t.match(await answerTo(asked('POST /x/downloadEdoc')).catch(() => 'empty'), 'empty')
  t.match(await answerTo(asked('POST /x/sendEdoc', 'Expect: the best\r\n')), fail('15'), 'an expectation')
  t.match(
    JSON.parse(answerToUnreadable({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }).split('\r\n\r\n')[1]!),
    { status: 'FAIL', ErrorCode: '20', DocId: '' },
    'a request that takes too long',
  )
})

t.test('headers of some hundred kilobytes are read, those of ten megabytes are refused', async (t) => {
  const to = JSON.stringify(Array.from({ length: 9_000 }, (_, at) => `000.00.${at}.H90`))
  const fields = { messagetype: 'edoc', to }
  const list = asked('POST /x/getReceivedEdocList', headersOf(fields))
  t.match(await answerTo(list, 'getReceivedEdocList'), { status: 'OK', data: [] }, `${list.length} bytes`)
  const socket = connect(door.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined)
  const isClosed = new Promise((resolve) => socket.once('close', resolve))
  socket.write('POST /x/sendEdoc HTTP/1.1\r\nHost: axis\r\n')
  for (let at = 0; at < 10_240 && !socket.destroyed && chunks.length === 0; at += 1)
    await new Promise((resolve) => socket.write(`x-${at}: ${'y'.repeat(1_000)}\r\n`, resolve))
  await waitFor(() => Buffer.concat(chunks).includes('\r\n\r\n{'))
  socket.destroy()
  await isClosed
  const [head, body] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n')
  t.match(head, /^HTTP\/1\.1 200 OK/)
  t.match(JSON.parse(body!), { status: 'FAIL', ErrorCode: '10', ErrorDesc: /headers-too-large/, DocId: '' })
})

t.test('bodies that are no good are told so; the JSON of most operations is not looked at', async (t) => {
  for (const operation of JSON_OPERATIONS.filter((one) => AXIS_OPERATIONS[one].method === 'POST')) {
    const answer = await ministry.ask(operation, { messagetype: 'edoc' }, '{"broken": [')
    t.type(answer.status, 'string', operation)
  }
  t.match(await ministry.ask('getReceivedEdocList', { messagetype: 'edoc' }, 'null'), {
    status: 'OK',
    data: [],
  })
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,cut' })
  const half = asked(
    'POST /x/sendEdoc',
    headersOf({ messagetype: 'edoc', 'hash-file': 'f' }),
    packet.toString('latin1'),
  )
  const socket = connect(door.port, '127.0.0.1')
  socket.write(half.subarray(0, half.length - 200))
  socket.end()
  await new Promise((resolve) => socket.once('close', resolve).resume())
  t.same((await pool.query("select 1 from document where edxml_document_id like '%cut'")).rows, [])
})

t.test('only what is signed counts, and it must be as it was signed', async (t) => {
  const list = (head: string) => answerTo(asked('POST /x/getSentEdocList', head), 'getSentEdocList')
  const good = headersOf({ messagetype: 'edoc' })
  t.match(await list(good), { status: 'OK' })
  const refused = { http: 200, status: 'FAIL', ErrorCode: '15', data: [] }
  const cases: Record<string, string> = {
    'a wrong secret': headersOf({ messagetype: 'edoc' }, 'another secret'),
    'no signature': 'XroadVnpt-systemid: dms.ministry\r\n',
    'a header that differs': good.replace('messagetype: edoc', 'messagetype: status'),
    'a header twice': `${good}XroadVnpt-messagetype: status\r\n`,
    'another system': good.replace('systemid: dms.ministry', 'systemid: dms.nobody'),
    'a time of last year': headersOf({ timestamp: '21112025T190625+0837' }),
    'a time that is none': headersOf({ timestamp: 'yesterday' }),
    'an unknown system': headersOf({ systemid: 'nobody' }),
    'no system': headersOf({ systemid: '' }),
  }
  for (const [what, head] of Object.entries(cases)) t.match(await list(head), refused, what)
  t.match(await list(`${good}XroadVnpt-docId: nothing\r\n`), { status: 'OK' }, 'a header that nobody signed')
  const unsigned = await answerTo(
    asked('POST /x/updateStatus', `${headersOf({ docId: 'x' })}XroadVnpt-status: done\r\n`),
    'updateStatus',
  )
  t.match(unsigned, { status: 'FAIL', ErrorCode: '10', ErrorDesc: /XroadVnpt-status/ })
  const [wrong, nobody] = [await list(cases['a wrong secret']!), await list(cases['an unknown system']!)]
  t.equal(wrong.ErrorDesc, nobody.ErrorDesc, 'nobody learns which systems there are')
  const asSent = Buffer.from('ă').toString('latin1')
  const spoilt = headersOf({ messagetype: 'edoc', filePath: 'D:/văn' }).replaceAll(asSent, '?')
  t.match(await list(spoilt), { ...refused, ErrorDesc: /question marks/ }, 'as the library spoils diacritics')
})

t.test('a system without a secret that is in force is refused, whatever it signs with', async (t) => {
  const other = await axisDoor(t, gateway, { systems: [{ ...SYSTEM, secrets: [] }] })
  for (const secret of ['', 'there is no system that has this secret', 'undefined'])
    t.match(
      await vendorClient({ port: other.port, systemId: SYSTEM.systemId, secret }).ask('countReceiveEdoc'),
      {
        status: 'FAIL',
        ErrorCode: '15',
      },
    )
})

t.test('refusals are on record, and too many of one address are slowed down', async (t) => {
  const limited = await axisDoor(t, gateway, { systems: [SYSTEM], rateLimit: 12 })
  const guess = (at: number) =>
    vendorClient({ port: limited.port, systemId: SYSTEM.systemId, secret: `guess ${at}` }).ask(
      'countReceiveEdoc',
    )
  const before = await pool.query("select count(*) as count from audit_event where kind = 'access-refused'")
  const codes: string[] = []
  for (let at = 0; at < 20; at += 1) codes.push((await guess(at)).ErrorCode)
  t.strictSame([...new Set(codes)], ['15', '20'])
  t.equal(codes.indexOf('20'), 12)
  const { rows } = await pool.query<{ detail: object; count: number }>(
    "select detail, count(*) over () as count from audit_event where kind = 'access-refused' order by id desc",
  )
  t.ok(rows[0]!.count > before.rows[0].count)
  t.match(rows[0]!.detail, { problem: 'client-invalid', claimedClient: SYSTEM.systemId })
  const own = vendorClient({ port: limited.port, systemId: SYSTEM.systemId })
  t.equal((await own.ask('countReceiveEdoc')).status, 'OK', 'its neighbours behind one proxy are let in')
  const answers = await Promise.all(Array.from({ length: 15 }, () => own.ask('getSentEdocList')))
  const refused = answers.filter(({ status }) => status === 'FAIL')
  t.ok(refused.length > 0)
  t.match(refused[0], { status: 'FAIL', ErrorCode: '20', data: [], ErrorDesc: /rate-limited/ })
})

t.test('a fault of our own is JSON as well', async (t) => {
  const registry = {
    ...gateway.api.registry,
    current: () => {
      throw new TypeError('cannot read properties of undefined')
    },
  }
  const broken = await axisDoor(t, gateway, { systems: [SYSTEM], context: { registry } })
  const client = vendorClient({ port: broken.port, systemId: SYSTEM.systemId })
  for (const operation of JSON_OPERATIONS)
    t.match(
      await client.ask(operation),
      { status: 'FAIL', ErrorCode: '20', ErrorDesc: /internal-error/ },
      operation,
    )
  t.match(broken.logged(), /cannot read properties/, 'which goes to the log')
  t.notMatch(await client.ask('getEdoc'), { ErrorDesc: /cannot read properties/ }, 'and to nobody else')
})

t.test('what came before the door closes is answered', async (t) => {
  const closing = await axisDoor(t, gateway, { systems: [SYSTEM] })
  const begun = new Promise((resolve) => closing.app.server.once('request', resolve))
  const socket = connect(closing.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const isClosed = new Promise((resolve) => socket.once('close', resolve))
  const request = asked('POST /x/sendEdoc', headersOf({ messagetype: 'edoc', 'hash-file': 'f' }), '1234')
  socket.write(request.subarray(0, request.length - 4))
  await begun
  const closed = closing.app.close()
  socket.write('1234')
  await isClosed
  await closed
  const last = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n').at(-1)!
  t.match(asVendorClient('sendEdoc', Buffer.from(last)), { status: 'FAIL', ErrorCode: '10', DocId: '' })
})

t.test('while the database is away, everything is told in JSON', async (t) => {
  const folder = await temporaryFolder(t)
  const postgres = await startPostgres({ folder })
  t.teardown(() => postgres.stop())
  await migrate(postgres.url)
  const away = await testGateway(t, { databaseUrl: postgres.url, redisUrl: null })
  const other = await axisDoor(t, away, { systems: [SYSTEM] })
  const client = vendorClient({ port: other.port, systemId: SYSTEM.systemId })
  t.equal((await client.ask('countReceiveEdoc')).status, 'OK')
  await postgres.stop()
  const docId = '01a20220-01ea-7269-9bb7-baf32dc555ca'
  const fields = { messagetype: 'edoc', docId, status: 'done', 'hash-file': 'f', AgencyCode: 'X' }
  const fromMemory = /Agencies|Synchronize|register|deleteAgency|sendEdoc/
  for (const operation of JSON_OPERATIONS.filter((one) => !fromMemory.test(one)))
    t.match(await client.ask(operation, fields), { status: 'FAIL', ErrorCode: '20' }, operation)
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,away' })
  t.match(await client.send(packet, {}), { status: 'FAIL', ErrorCode: '20', DocId: '' })
  t.equal((await client.download(docId)).length, 0)
})
