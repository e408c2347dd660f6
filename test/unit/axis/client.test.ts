import t from 'tap'
import type { AxisClient, Outcome } from '../../../src/axis/client-types.ts'
import { packetOfBody } from '../../../src/axis/file-hash.ts'
import { chunked } from '../edxml/vectors.ts'
import {
  all,
  answers,
  type Behave,
  clientOf,
  edoc,
  fakeExchange,
  kindOf,
  last,
  PACKET,
  writes,
} from './fake-exchange.ts'

t.test('each operation is asked as the vendor’s client asks it', async (t) => {
  const axis = await fakeExchange(t)
  const client = clientOf(t, `${axis.url}/`)
  axis.behaves = answers({ data: [], count: 0, DocId: 'd' })
  const agency = { id: '', pcode: 'H41', code: 'H41.1', name: 'HÀ Giang', mail: '', mobile: '', fax: '' }
  const operations: readonly [
    name: string,
    asked: Promise<Outcome<unknown>>,
    fields: object,
    body?: string,
  ][] = [
    ['getAgenciesList', client.getAgenciesList(), {}],
    ['getAgenciesListQD20', client.getAgenciesListQD20('2'), { level: '2' }],
    ['getSynchronizeUnit', client.getSynchronizeUnit(), {}],
    ['registerAgency', client.registerAgency(agency), {}, JSON.stringify(agency)],
    ['deleteAgency', client.deleteAgency('H41.1'), { AgencyCode: 'H41.1' }, '{}'],
    [
      'getReceivedEdocList',
      client.getReceivedEdocList({ messageType: 'status', fromDate: '2026/11/01' }),
      { servicetype: 'eDoc', messagetype: 'status', fromDate: '2026/11/01', toDate: undefined },
    ],
    [
      'getSentEdocList',
      client.getSentEdocList({ messageType: 'edoc', docId: 'd1' }),
      { servicetype: 'eDoc', messagetype: 'edoc', docId: 'd1' },
    ],
    [
      'updateStatus',
      client.updateStatus('d1', 'fail', 'Không đọc\r\nđược'),
      { docId: 'd1', status: 'fail', description: 'Khong doc duoc' },
      '{}',
    ],
    ['countReceiveEdoc', client.countReceiveEdoc(), { servicetype: 'eDoc' }, '{}'],
    ['countReceiveStatus', client.countReceiveStatus(), {}, '{}'],
  ]
  for (const [name, asked, fields, body = ''] of operations) {
    t.equal(await kindOf(asked), 'ok', name)
    const seen = axis.seen.find(({ path }) => path === `/xrdvxp/v3/${name}`)
    t.equal(seen?.method, 'POST', name)
    t.equal(seen?.body.toString(), body, name)
    t.equal(seen?.headers?.systemId, 'tram', name)
    t.equal(seen?.headers?.timestamp, '21112026T190625+0837', name)
    t.equal(seen?.plain['content-type'], 'application/json', name)
    t.match(seen?.plain['user-agent'], /^JAVASDKAgent/)
    for (const [field, value] of Object.entries(fields)) {
      t.equal(seen?.headers?.get(field as 'docId'), value, `${name} ${field}`)
    }
  }
})

t.test('towards the national axis a packet goes as the vendor’s client sends it', async (t) => {
  const axis = await fakeExchange(t)
  axis.behaves = answers({ DocId: 815 })
  t.same(await clientOf(t, axis.url).sendEdoc(edoc()), { ok: true, value: '815' })
  const { headers, plain, body } = last(axis)
  t.same(body, Buffer.concat([PACKET, Buffer.from('\r\n')]))
  t.equal(plain['content-length'], String(PACKET.length + 2))
  t.equal(plain['content-type'], 'application/octet-stream')
  t.same(await all(packetOfBody(chunked(body), headers?.get('hash-file') ?? '')), PACKET)
  t.equal(headers?.get('to'), '["000.00.00.G22","H14.02"]')
  t.equal(headers?.get('from'), 'H41')
  t.equal(headers?.get('tram-seal'), undefined)
  t.equal(headers?.get('tram-hops'), undefined)
  t.equal(await kindOf(clientOf(t, axis.url).sendEdoc(edoc({ messageType: 'status', to: undefined }))), 'ok')
  t.equal(last(axis).headers?.get('to'), undefined)
})

t.test('towards a gateway it goes as it is, with seal and hops beside it', async (t) => {
  const axis = await fakeExchange(t)
  axis.behaves = answers({})
  const client = clientOf(t, axis.url, { channel: 'gateway' })
  t.same(await client.sendEdoc(edoc()), { ok: true, value: '' }, 'no DocId')
  const { headers, body } = last(axis)
  t.same(body, PACKET)
  t.equal(headers?.get('hash-file'), edoc().sha256)
  t.equal(headers?.get('tram-seal'), Buffer.from('<seal/>').toString('base64'))
  t.same(JSON.parse(headers?.get('tram-hops') ?? ''), edoc().beside?.hops)
  await client.updateStatus('d1', 'fail', 'Không đọc được')
  t.equal(last(axis).headers?.get('description'), 'Không đọc được')
})

t.test('600 recipients, and five thousand, fit into the headers', async (t) => {
  const axis = await fakeExchange(t)
  axis.behaves = answers({})
  for (const count of [600, 5000]) {
    const to = Array.from({ length: count }, (_, at) => `000.00.${String(at).padStart(4, '0')}.H41`)
    t.equal(await kindOf(clientOf(t, axis.url).sendEdoc(edoc({ to }))), 'ok')
    t.same(JSON.parse(last(axis).headers?.get('to') ?? ''), to)
  }
})

t.test('every failure has its name', async (t) => {
  const axis = await fakeExchange(t)
  const client = clientOf(t, axis.url)
  const html = '<html><body>502 Bad Gateway</body></html>'
  for (const [kind, behaves] of [
    ['not-json', writes(html)],
    ['not-json', writes('')],
    ['not-json', writes('{"status":"OK"')],
    ['http', writes(html, 502)],
    ['http', writes('', 500)],
    ['http', writes('{"status":"OK","ErrorCode":"0","data":[]}', 302, { location: `${axis.url}/x` })],
    ['http', writes('{"status":"FAIL","ErrorCode":"15"}', 307)],
    ['answer-invalid', writes('{}')],
    ['answer-invalid', writes('{"status":"OK","ErrorCode":"0","data":"x"}')],
    ['refused', writes('{"status":"FAIL","ErrorCode":"15"}')],
    ['refused', writes('{"status":"FAIL","ErrorCode":"20"}', 500)],
    ['unreachable', (response) => response.destroy()],
    [
      'unreachable',
      (response) => response.writeHead(200, { 'content-length': '10' }).write('{', () => response.destroy()),
    ],
  ] as const satisfies [string, Behave][]) {
    axis.behaves = behaves
    const outcome = await client.getReceivedEdocList({ messageType: 'edoc' })
    t.match(outcome, { ok: false, failure: { kind } }, `${kind} ${behaves}`)
    t.ok(!outcome.ok && outcome.failure.detail.length > 0)
  }
  t.equal(axis.seen.filter(({ path }) => path?.endsWith('/x')).length, 0, 'the redirect was not followed')
  axis.behaves = writes('{"status":"FAIL","ErrorCode":18,"ErrorDesc":"Kh\\u00f4ng c\\u00f3"}', 400)
  t.same(await client.sendEdoc(edoc()), {
    ok: false,
    failure: { kind: 'refused', code: '18', detail: 'Không có', httpStatus: 400, mayHaveLeft: true },
  })
  axis.behaves = answers({ data: [] })
  t.equal(await kindOf(client.getReceivedEdocList({ messageType: 'edoc' })), 'ok', 'and it goes on')
})

t.test('whether anything may have left is told', async (t) => {
  const axis = await fakeExchange(t)
  // Whoever looks for a name that nobody has may look for long.
  const sends = async (url: string, signal?: AbortSignal) =>
    clientOf(t, url, { timeoutMs: 60_000 }).sendEdoc(edoc(), signal)
  t.match(await sends('http://localhost:1'), { failure: { kind: 'unreachable', mayHaveLeft: false } })
  t.match(await sends('http://nobody.invalid'), { failure: { kind: 'unreachable', mayHaveLeft: false } })
  t.match(await sends(axis.url.replace('http:', 'https:')), {
    failure: { kind: 'unreachable', mayHaveLeft: false },
  })
  t.match(await sends(axis.url, AbortSignal.abort()), { failure: { kind: 'aborted', mayHaveLeft: false } })
  axis.behaves = (response) => response.destroy()
  t.match(await sends(axis.url), { failure: { kind: 'unreachable', mayHaveLeft: true } })
})

t.test('nobody is waited for without end', async (t) => {
  const axis = await fakeExchange(t)
  axis.behaves = () => undefined
  const hasty = clientOf(t, axis.url, { timeoutMs: 100 })
  t.match(await hasty.updateStatus('d', 'done'), { failure: { kind: 'timeout' } }, 'no answer')
  axis.behaves = (response) => response.writeHead(200).write('{"status":')
  t.match(await hasty.updateStatus('d', 'done'), { failure: { kind: 'timeout' } }, 'half an answer')
  t.match(await hasty.getEdoc('d', all), { failure: { kind: 'timeout' } }, 'half a packet')
  const stop = new AbortController()
  axis.behaves = () => stop.abort()
  t.match(await clientOf(t, axis.url).updateStatus('d', 'done', '', stop.signal), {
    failure: { kind: 'aborted' },
  })
})

t.test('an answer has an end', async (t) => {
  const axis = await fakeExchange(t)
  axis.behaves = answers({ more: 'x'.repeat(1024 * 1024) })
  const client: AxisClient = clientOf(t, axis.url)
  t.equal(await kindOf(client.updateStatus('d1', 'done')), 'answer-invalid')
  t.equal(await kindOf(client.getAgenciesList()), 'ok', 'a list may be longer')
})
