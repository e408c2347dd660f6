import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { request } from 'undici'
import type { Role } from '../../src/domain/caller.ts'
import { vietnamDay } from '../../src/domain/vietnam-time.ts'
import { csvCell } from '../../src/sheets/csv-cell.ts'
import { testGateway } from '../support/gateway.ts'
import { type Answer, addClient, bearer, serveApp, takeToken } from '../support/http-app.ts'
import { documentPacket, type PacketFacts, statusPacket } from '../support/packets.ts'
import { unzip } from '../support/unzip.ts'
import { waitFor } from '../support/wait-for.ts'

const BEGUN = vietnamDay(new Date())
const gateway = await testGateway(t)
const { pool } = gateway.api
const served = await serveApp(t, gateway)
const tokenOf = async (clientId: string, role: Role) =>
  takeToken(served, clientId, await addClient(served.context, clientId, role))
const auditor = await tokenOf('kiem.toan', 'auditor')

const get = (path: string, token = auditor): Promise<Answer> =>
  served.ask(`/auditor/v1${path}`, { headers: bearer(token) })

type Listed = {
  items: Record<string, unknown>[]
  nextCursor: string | null
}
const list = async (path: string): Promise<Listed> => {
  const answer = await get(path)
  t.equal(answer.status, 200, `${path} ${answer.status === 200 ? '' : answer.text}`)
  return answer.json() as Listed
}
const idsOf = async (path: string): Promise<unknown[]> => (await list(path)).items.map(({ id }) => id)
const q = encodeURIComponent

async function send(facts: Omit<PacketFacts, 'from'> & { from?: string }): Promise<string> {
  const from = facts.from ?? 'H90'
  return (await gateway.submit(from, await documentPacket({ ...facts, from }))).claims.document
}

interface Event {
  kind: string
  actor: string
  document_id: string | null
  detail: Record<string, unknown>
}
const lastEvent = async (): Promise<Event> =>
  (await pool.query<Event>('select * from audit_event order by at desc, id desc limit 1')).rows[0]!

const decision = await send({ documentId: '1', to: ['H91', 'G90'], subject: 'Quyết định phê duyệt kế hoạch' })
const plain = await send({ documentId: '2', to: ['H90.31'], subject: 'Quyet dinh go khong dau', priority: 3 })
const percent = await send({
  documentId: '3777',
  to: ['H91'],
  subject: 'Đạt 100% chỉ_tiêu',
  notation: 'QĐ-UBND',
  from: 'H90.32',
})
await gateway.deliverDue()

t.test('documents are found by words with and without diacritics', async (t) => {
  const found = (text: string) => idsOf(`/documents?text=${q(text)}`)
  t.strictSame(await found('quyết định'), [decision], 'diacritics that are typed are meant')
  t.strictSame(await found('QUYẾT ĐỊNH'.normalize('NFD')), [decision], 'in whatever form they come')
  t.strictSame(await found('quyet dinh'), [plain, decision], 'none typed means any')
  t.strictSame(await found('kế hoạch quyết định'), [decision], 'words in any order')
  t.strictSame(await found('dat 100%'), [percent])
  t.strictSame(await found('%'), [percent], 'a percent sign is no wildcard')
  t.strictSame(await found('chỉ_tiêu'), [percent])
  t.strictSame(await found('chỉtiêu'), [])
  t.strictSame(await found('\\'), [])
  t.strictSame(await idsOf(`/documents?number=${q('3777/qđ')}`), [percent])
  t.strictSame(await idsOf(`/documents?text=${q('quyết')}&urgency=3`), [])
})

t.test('the subject alone is searched, with and without diacritics', async (t) => {
  const found = (subject: string) => idsOf(`/documents?subject=${q(subject)}`)
  t.strictSame(await found('quyết định'), [decision])
  t.strictSame(await found('QUYẾT ĐỊNH'.normalize('NFD')), [decision])
  t.strictSame(await found('quyet dinh'), [plain, decision])
  t.strictSame(await found('duyet hoach phe'), [decision], 'words in any order')
  t.strictSame(await found('100%'), [percent])
  t.strictSame(await found('BTN'), [], 'the notation is no part of it')
  t.strictSame(await idsOf(`/documents?text=${q('nguyen van thu')}`), [percent, plain, decision])
  t.strictSame(await found('nguyen van thu'), [], 'nor is the signer')
  const { items } = await list(`/deliveries?subject=${q('ke hoach')}`)
  t.strictSame(items.map(({ recipient }) => recipient).sort(), ['G90', 'H91'])
})

t.test('every kind of record is found by agency, tier, state and time', async (t) => {
  t.strictSame(await idsOf('/documents?sender=H90.32'), [percent])
  t.strictSame(await idsOf('/documents?recipient=H91'), [percent, decision])
  t.strictSame(await idsOf('/documents?agency=G90'), [decision])
  t.strictSame(await idsOf('/documents?tier=commune'), [plain])
  t.strictSame(await idsOf('/documents?urgency=3'), [plain])
  t.strictSame(await idsOf('/documents?edxmlDocumentId=2'), [plain])
  t.strictSame(await idsOf('/documents?state=delivered'), [])
  t.strictSame(
    await idsOf('/documents?state=accepted&legalValue=reference-only&kind=document&operation=new'),
    [percent, plain, decision],
  )
  await pool.query(
    `update delivery set state = 'acknowledged' where document_id = $1 and recipient_code = 'G90'`,
    [decision],
  )
  t.strictSame(await idsOf('/documents?state=in-transit'), [decision], 'a state over all recipients')
  const { items } = await list(`/deliveries?document=${decision}&state=acknowledged`)
  t.match(items, [
    { document: decision, sender: 'H90', recipient: 'G90', tier: 'central', channel: 'mailbox' },
  ])
  t.equal((await list('/attempts?state=succeeded&tier=province')).items.length, 2)
  t.match((await list(`/attempts?document=${plain}`)).items, [
    { delivery: String, epoch: 1, recipient: 'H90.31' },
  ])

  await gateway.submit('G90', statusPacket({ from: 'G90', to: 'H90', documentId: '1', code: '03' }))
  t.match((await list('/statuses?code=03')).items, [{ document: decision, recipient: 'G90', code: '03' }])
  t.strictSame((await list('/statuses?code=04')).items, [])
  t.strictSame(await idsOf('/deliveries?processingStatus=03&kind=document'), [items[0]!.id])
  t.match((await list(`/events?event=status-received`)).items, [
    { kind: 'status-received', document: decision },
  ])
  const events = (await list(`/events?document=${decision}`)).items.map(({ kind }) => kind)
  t.same(new Set(events), new Set(['submission-accepted', 'delivery-available', 'status-received']))
  t.ok((await list('/events?actor=dms-H90&agency=H90')).items.length >= 2)
  const accepted = (query: string) =>
    list(`/events?event=submission-accepted&${query}`).then(({ items }) => items.map((one) => one.document))
  t.strictSame(
    await accepted('agency=G90&kind=document'),
    [decision],
    'an event of a document is one of its recipients too',
  )
  t.strictSame(await accepted('tier=commune'), [plain])
  t.strictSame(await accepted('recipient=H91'), [percent, decision])
  t.strictSame(await accepted('agency=H90.31&kind=document'), [plain])
  const available = (await list('/events?event=delivery-available&tier=commune')).items
  t.match(available, [{ document: plain }], 'an event of a delivery is one of its recipient alone')
  t.equal(available.length, 1)
  const [receipt] = (await list('/receipts?edxmlDocumentId=2')).items
  t.match(receipt, { document: plain, receipt: /^[\w-]+\.[\w-]+\.[\w-]+$/ })

  const { acceptedAt } = (await list(`/documents?edxmlDocumentId=2`)).items[0] as { acceptedAt: string }
  t.strictSame(await idsOf(`/documents?since=${acceptedAt}&kind=document`), [percent, plain])
  t.strictSame(await idsOf(`/documents?until=${acceptedAt}`), [decision])
  const inVietnam = new Date(Date.parse(acceptedAt) + 7 * 3_600_000).toISOString().replace('Z', '+07:00')
  t.strictSame(await idsOf(`/documents?until=${q(inVietnam)}`), [decision], 'an instant in any zone')
})

t.test('pages neither repeat nor lose a record while others come', async (t) => {
  await pool.query(
    `insert into audit_event (id, at, kind, actor)
      select gen_random_uuid(), timestamptz '2020-01-01' + (n / 7) * interval '1 microsecond', 'export-made', 'pages'
      from generate_series(1, 100) as n`,
  )
  const { rows } = await pool.query<{ id: string }>(
    `select id from audit_event where actor = 'pages' order by at desc, id desc`,
  )
  const seen: unknown[] = []
  let cursor: string | null = null
  do {
    const page: Listed = await list(
      `/events?actor=pages&limit=9${cursor === null ? '' : `&cursor=${cursor}`}`,
    )
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
    await pool.query(
      `insert into audit_event (id, at, kind, actor) values (gen_random_uuid(), now(), 'export-made', 'pages')`,
    )
  } while (cursor !== null)
  t.strictSame(
    seen,
    rows.map(({ id }) => id),
  )
})

t.test('one document, with everything but its content', async (t) => {
  const answer = await get(`/documents/${decision}`)
  t.equal(answer.status, 200, answer.text)
  t.match(answer.json(), {
    documentId: decision,
    sender: 'H90',
    state: 'in-transit',
    clientId: 'dms-H90',
    legalValue: 'reference-only',
    header: { subject: 'Quyết định phê duyệt kế hoạch', from: { organId: 'H90' } },
    signatures: { envelope: 'absent' },
    sealSha256: /^[0-9a-f]{64}$/,
    receipt: { jws: String, claims: { event: 'SubmissionAcceptance', document: decision } },
  })
  const detail = answer.json() as Record<'deliveries' | 'attempts' | 'statuses' | 'events', Listed>
  t.equal(detail.deliveries.items.length, 2)
  t.equal(detail.attempts.items.length, 2)
  t.match(detail.statuses.items, [{ code: '03' }])
  t.ok(detail.events.items.length >= 4)
  t.equal((await get('/documents/01890000-0000-7000-8000-000000000000')).status, 404)
})

t.test('evidence: without the content unless it is asked for; each taking is on record', async (t) => {
  const path = `${served.url}/auditor/v1/documents/${decision}/evidence`
  const take = async (query: string) => {
    const answer = await request(path + query, { headers: bearer(auditor) })
    t.equal(answer.statusCode, 200)
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    return { type: answer.headers['content-type'], files: await unzip(bytes) }
  }
  const facts = await take('')
  t.equal(facts.type, 'application/zip')
  const shown = JSON.parse(String(facts.files.get('document.json')))
  const deliveries = shown.deliveries.items.map(({ id }: { id: string }) => `deliveries/${id}.jws`)
  t.strictSame(
    [...facts.files.keys()].sort(),
    ['document.json', 'receipt.jws', 'seal.xml', ...deliveries].sort(),
  )
  t.ok(deliveries.length > 0)
  t.equal(String(facts.files.get('receipt.jws')), shown.receipt.jws)
  t.equal(createHash('sha256').update(facts.files.get('seal.xml')!).digest('hex'), shown.sealSha256)
  t.match(await lastEvent(), {
    kind: 'export-made',
    actor: 'kiem.toan',
    document_id: decision,
    detail: { export: 'evidence', content: false },
  })
  const whole = await take('?content=true')
  t.equal(whole.type, 'application/vnd.etsi.asic-e+zip')
  t.equal(
    createHash('sha256').update(whole.files.get('packet.edxml')!).digest('hex'),
    shown.packetSha256,
    'the packet as received',
  )
  t.match((await lastEvent()).detail, { export: 'evidence', content: true })
})

/** RFC 4180, for the test: rows of cells. */
function readCsv(text: string): string[][] {
  const cells = /("(?:[^"]|"")*"|[^,"\r\n]*)(,|\r\n)/gy
  const rows: string[][] = [[]]
  for (let match = cells.exec(text); match !== null; match = cells.exec(text)) {
    const [, cell = '', end] = match
    rows.at(-1)!.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)
    if (end === '\r\n') rows.push([])
  }
  if (rows.pop()!.length > 0) throw new Error('the last line has no end')
  return rows
}

t.test('CSV: what a spreadsheet would run is text, and every text comes back', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (texts) => {
      const [row] = readCsv(`${texts.map(csvCell).join(',')}\r\n`)
      // Where a spreadsheet may begin a cell: it must not be what it would run.
      for (const cell of row!.flatMap((text) => text.split(/[\r\n\t;]/))) t.notMatch(cell, /^[=+\-@＝＋－＠]/)
      for (const cell of row!) t.notMatch(cell, /^[\t\r\n\0]/)
      const unmarked = (text: string) => text.replaceAll("'", '')
      t.strictSame(row!.map(unmarked), texts.map(unmarked), 'nothing but marks is added')
      const plain = texts.filter((text) => !/[=+\-@＝＋－＠\t\r\n\0]/.test(text))
      t.ok(plain.every((text) => row!.includes(text)))
    }),
    { numRuns: 300 },
  )
  const subject = '=HYPERLINK("http://evil.example","bấm, vào")'
  const id = await send({ documentId: '4', to: ['H91'], subject })
  const path = `${served.url}/auditor/v1/export/documents?format=csv&edxmlDocumentId=4`
  const answer = await request(path, { headers: bearer(auditor) })
  const bytes = Buffer.from(await answer.body.arrayBuffer())
  t.equal(answer.headers['content-type'], 'text/csv; charset=utf-8; header=present')
  t.match(
    String(answer.headers['content-disposition']),
    /^attachment; filename="documents-\d{4}-\d\d-\d\d\.csv"$/,
  )
  t.strictSame([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'a byte order mark')
  const [columns, row, ...more] = readCsv(bytes.toString().slice(1))
  t.strictSame(more, [])
  const cell = (column: string) => row![columns!.indexOf(column)]
  t.equal(cell('id'), id)
  t.equal(cell('state'), 'accepted')
  t.equal(cell('subject'), `'${subject}`)
  t.match(cell('acceptedAt'), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  t.match(await lastEvent(), {
    kind: 'export-made',
    actor: 'kiem.toan',
    detail: { export: 'documents', format: 'csv', filters: { edxmlDocumentId: '4' } },
  })
})

t.test('NDJSON holds what the list holds, for every kind', async (t) => {
  for (const kind of ['documents', 'deliveries', 'attempts', 'statuses', 'receipts']) {
    const { text } = await get(`/export/${kind}?format=ndjson&sender=H90`)
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.strictSame(rows, (await list(`/${kind}?sender=H90`)).items, kind)
  }
})

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Bytes of the heap that are in use for certain. */
function liveHeap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

t.test('an export of 60,000 records needs no more memory than a small one', async (t) => {
  const COUNT = 60_000
  await pool.query(
    `insert into audit_event (id, at, kind, actor, detail)
      select gen_random_uuid(), timestamptz '2021-01-01' + n * interval '1 second', 'export-made', 'many',
        jsonb_build_object('n', n, 'filling', repeat('x', 400))
      from generate_series(1, ${COUNT}) as n`,
  )
  const answer = await request(`${served.url}/auditor/v1/export/events?actor=many&format=csv`, {
    headers: bearer(auditor),
  })
  let [lines, bytes, looked, peak] = [0, 0, 0, 0]
  const before = liveHeap()
  for await (const chunk of answer.body) {
    const piece: Buffer = chunk
    bytes += piece.length
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1
    if (bytes - looked < 4_000_000) continue
    looked = bytes
    peak = Math.max(peak, liveHeap() - before)
  }
  t.equal(lines, COUNT + 1)
  t.ok(bytes > 30_000_000)
  t.ok(peak < 10_000_000, `the heap grew by ${peak} bytes for ${bytes}`)
})

t.test('exports that are given up free their connection; too many at once are told to wait', async (t) => {
  const open = () =>
    request(`${served.url}/auditor/v1/export/events?actor=many&format=ndjson`, { headers: bearer(auditor) })
  const running = await Promise.all([open(), open(), open()])
  t.ok(running.every(({ statusCode }) => statusCode === 200))
  const refused = await open()
  t.equal(refused.statusCode, 429)
  t.equal(refused.headers['retry-after'], '30')
  await refused.body.dump()
  for (const { body } of running) body.destroy()
  const isFree = async () => {
    const { rows } = await pool.query<{ open: number }>(
      `select count(*) as open from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend'
          and xact_start is not null and pid <> pg_backend_pid()`,
    )
    return rows[0]!.open === 0
  }
  await waitFor(isFree)
  const again = await open()
  t.equal(again.statusCode, 200)
  again.body.destroy()
  await waitFor(isFree)
})

t.test('figures by day, agency and tier', async (t) => {
  const period = `since=${q('2026-01-01T00:00:00+07:00')}&until=${q('2100-01-01T00:00:00+07:00')}`
  const byTier = (await get(`/statistics?by=tier&${period}`)).json() as Listed & {
    total: Record<string, unknown>
  }
  t.match(byTier.total, {
    sent: 4,
    sentByLegalValue: { 'reference-only': 4, 'agency-only': 0, 'agency-and-person': 0 },
    signedShare: 0,
    deliveries: 5,
    deliveriesByState: { acknowledged: 1, available: 3, waiting: 1, failed: 0 },
  })
  t.strictSame(
    byTier.items.map(({ key, sent, deliveries }) => [key, sent, deliveries]),
    [
      ['central', 0, 1],
      ['commune', 1, 1],
      ['province', 3, 3],
    ],
  )
  await pool.query(`update document set legal_value = 'agency-only' where id = $1`, [percent])
  const byAgency = await list(`/statistics?by=agency&${period}&limit=2`)
  t.strictSame(
    byAgency.items.map(({ key }) => key),
    ['G90', 'H90'],
  )
  const rest = await list(`/statistics?by=agency&${period}&cursor=${byAgency.nextCursor}`)
  t.match(rest.items, [
    { key: 'H90.31' },
    { key: 'H90.32', sent: 1, signedShare: 1 },
    { key: 'H91', sent: 0, signedShare: null },
  ])
  const { items: days } = await list(`/statistics?by=day&${period}&agency=H91`)
  // Of one day, or of two where midnight has passed since the first.
  const isOneDay = vietnamDay(new Date()) === BEGUN
  t.ok(days.length === 1 || (!isOneDay && days.length === 2 && days[0]?.key !== days[1]?.key))
  for (const day of days) t.match(day, { key: /^\d{4}-\d\d-\d\d$/, sent: 0 })
  t.equal(
    days.reduce((sum, { deliveries }) => sum + Number(deliveries), 0),
    3,
  )
})

t.test('a request to recall is found by its state, and any code that was reported', async (t) => {
  const id = await send({ documentId: '5', to: ['H91', 'H90.32'], subject: 'Thông báo' })
  await gateway.deliverDue()
  const [atH91] = (await list(`/deliveries?document=${id}&recipient=H91`)).items
  const find = (kind: string, query: string) => idsOf(`/${kind}?${query}&document=${id}`)
  t.strictSame(await idsOf('/documents?requestState=agreed'), [])
  await pool.query(`update delivery set request_state = 'requested', state = 'acknowledged' where id = $1`, [
    atH91!.id,
  ])
  t.strictSame(await find('deliveries', 'requestState=requested'), [atH91!.id])
  await gateway.submit('H91', statusPacket({ from: 'H91', to: 'H90', documentId: '5', code: '16' }))
  t.strictSame(await find('deliveries', 'requestState=objected'), [atH91!.id])
  await gateway.submit('H91', statusPacket({ from: 'H91', to: 'H90', documentId: '5', code: '15' }))
  await gateway.submit('H91', statusPacket({ from: 'H91', to: 'H90', documentId: '5', code: '03' }))
  t.strictSame(await find('deliveries', 'requestState=agreed'), [atH91!.id])
  t.strictSame(await idsOf('/documents?requestState=agreed'), [id])
  for (const code of ['15', '16', '03']) {
    t.strictSame(await find('deliveries', `statusCode=${code}`), [atH91!.id], code)
    t.strictSame(await idsOf(`/documents?statusCode=${code}&edxmlDocumentId=5`), [id], code)
  }
  t.strictSame(await find('deliveries', 'statusCode=13'), [])
  t.equal((await list(`/statuses?document=${id}&requestState=agreed`)).items.length, 3)
})

const ID = '01890000-0000-7000-8000-000000000000'
const KINDS = ['documents', 'deliveries', 'attempts', 'statuses', 'events', 'receipts']
const OPERATIONS = [
  ...KINDS.map((kind) => `/${kind}`),
  ...KINDS.map((kind) => `/export/${kind}?format=csv`),
  `/documents/${ID}`,
  `/documents/${ID}/evidence`,
  `/documents/${ID}/receipts`,
  '/statistics?by=day&since=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z',
]

t.test('every operation reads, and is for auditors alone', async (t) => {
  const { paths } = (await served.ask('/auditor/v1/openapi.json')).json() as { paths: Record<string, object> }
  const described = Object.entries(paths).filter(([path]) => !path.includes('probe'))
  for (const [path, methods] of described) t.strictSame(Object.keys(methods), ['get'], path)
  t.equal(described.length, OPERATIONS.length, 'each is in this table')
  for (const role of ['agency', 'admin'] as const) {
    const token = await tokenOf(`other.${role}`, role)
    for (const path of OPERATIONS) t.equal((await get(path, token)).status, 403, `${role} ${path}`)
  }
  for (const path of OPERATIONS) t.equal((await served.ask(`/auditor/v1${path}`)).status, 401, path)
})

t.test('malformed input of every operation is named, never a failure of ours', async (t) => {
  const long = 'x'.repeat(201)
  const queries = [
    'nonsense=1',
    'since=yesterday',
    'since=2026-02-30T00:00:00Z',
    'since=0000-01-01T00:00:00Z',
    'until=2026-01-01',
    'since=2026-01-01T00:00:60Z',
    'agency=%00',
    'sender=a%20b',
    'tier=X',
    'urgency=9',
    'urgency=x',
    'urgency=',
    'text=',
    `text=${long}`,
    'text=a%00b',
    'number=%00',
    'state=nowhere',
    'legalValue=1',
    'since=a&since=b',
    `since=${q('2026-01-01T00:00:00Z[Asia/Ho_Chi_Minh]')}`,
    'document=1',
    'delivery=x',
    'actor=%00',
    'code=x',
    'event=x',
    'subject=',
    `subject=${long}`,
    'requestState=x',
    'statusCode=1',
    'processingStatus=13',
  ]
  for (const kind of KINDS) {
    for (const query of [...queries, 'limit=0', 'limit=501', 'limit=1.5', 'format=csv']) {
      const answer = await get(`/${kind}?${query}`)
      t.equal(answer.status, 422, `/${kind}?${query} ${answer.text.slice(0, 200)}`)
      t.match(answer.json(), { code: 'request-invalid', errors: [{ path: /^#\/querystring\// }] })
    }
    for (const query of [...queries, 'limit=1', 'cursor=x', 'format=xlsx']) {
      const answer = await get(`/export/${kind}?${query.startsWith('format') ? '' : 'format=csv&'}${query}`)
      t.equal(answer.status, 422, `/export/${kind}?${query} ${answer.text.slice(0, 200)}`)
    }
    t.equal((await get(`/export/${kind}`)).status, 422, 'a format is wanted')
    const at = '2026-01-01T00:00:00.000000Z'
    for (const position of [
      [],
      [at],
      [at, 'x'],
      ['x', ID],
      [at, ID, ID],
      ['2026-02-30T00:00:00.000000Z', ID],
      [1, ID],
      {},
      null,
    ]) {
      const cursor = Buffer.from(JSON.stringify(position)).toString('base64url')
      t.match(
        (await get(`/${kind}?cursor=${cursor}`)).json(),
        { code: 'cursor-invalid' },
        JSON.stringify(position),
      )
    }
    t.match((await get(`/${kind}?cursor=%25`)).json(), { code: 'cursor-invalid' })
  }
  for (const path of [
    '/documents/1',
    '/documents/%00',
    `/documents/${ID}/evidence?content=2`,
    '/export/nothing?format=csv',
    '/statistics',
    '/statistics?by=year',
    '/statistics?by=day&since=2027-01-01T00:00:00Z&until=2026-01-01T00:00:00Z',
    '/statistics?by=agency&since=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z&cursor=x',
  ]) {
    const answer = await get(path)
    t.ok(answer.status >= 400 && answer.status < 500, `${path} ${answer.text}`)
    t.notMatch(answer.text, /node_modules|\.ts:|select /)
  }
})
