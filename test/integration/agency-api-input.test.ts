import { readFile } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import t, { type Test } from 'tap'
import { FormData } from 'undici'
import { sha256 } from '../../src/domain/identifiers.ts'
import { agencyDoor, type DoorAnswer, type Sending } from '../support/agency-door.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts, setLifetime } from '../support/record-facts.ts'
import { rewriteStored, spoilStored } from '../support/stored-blobs.ts'
import { waitFor } from '../support/wait-for.ts'

const CORPUS = '../shared/corpora/multipart/'
const NOBODY = '00000000-0000-7000-8000-000000000000'
const XML = 'application/xml'
const HEADER = {
  to: [{ organId: 'H90' }],
  codeNumber: '12',
  codeNotation: 'BTN-VP',
  place: 'Hà Nội',
  promulgationDate: '2026-11-20',
  documentType: { type: 2, typeName: 'Công văn' },
  subject: 'V/v đầu vào sai',
  signer: { fullName: 'Nguyễn Văn Thử' },
}

function form(parts: readonly (readonly [name: string, content: string, fileName?: string])[]): FormData {
  const data = new FormData()
  for (const [name, content, fileName] of parts) {
    if (fileName === undefined) data.append(name, content)
    else data.append(name, new Blob([content]), fileName)
  }
  return data
}
const head = JSON.stringify(HEADER)

/** Begins to send a body of a length, and leaves it at that. */
function openRequest(
  url: string,
  token: string,
  length: number,
  then: (sending: ClientRequest) => void = () => undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': XML, 'content-length': length }
    const sending = request(`${url}/v1/documents`, { method: 'POST', headers })
    sending.once('response', (answer) => resolve(answer.resume())).once('error', reject)
    sending.write('<edXML', () => then(sending))
  })
}

interface MultipartCase {
  readonly id: string
  readonly file: string
  readonly contentType: string
}

t.test('whatever comes in at the door of agencies', async (t) => {
  const gateway = await testGateway(t)
  const { served, system, token } = await agencyDoor(t, gateway, ['G90', 'H90', 'H91'])
  const [ministry, province] = [system('G90'), system('H90')]
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,1/BTN' })
  const accepted = (await ministry('POST', '/documents', { body: packet, type: XML })).body
  await gateway.deliverDue()
  const document = `/documents/${accepted.documentId}`
  const item = `/inbox/${accepted.recipients[0]!.deliveryId}`

  const refused = (t: Test, answer: DoorAnswer, status: number, code: string, what: string) => {
    const { body } = answer
    t.match(
      [answer.status, body.code],
      [status, code],
      `${what}: ${answer.bytes.toString('utf8').slice(0, 200)}`,
    )
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
    t.notMatch(answer.bytes.toString('utf8'), /\.ts:|node_modules|at async/, 'no stack trace')
    if (code === 'request-invalid') t.ok(body.errors.length > 0, `${what} names the fault`)
    return body
  }

  await t.test('queries and paths', async (t) => {
    const cursors = [
      'x',
      Buffer.from('{}').toString('base64url'),
      Buffer.from('["\\u0000"]').toString('base64url'),
    ]
    const lists = ['/documents', '/inbox', '/agencies', document, `${document}/timeline`]
    for (const list of lists) {
      for (const cursor of cursors) {
        const path = `${list}?cursor=${encodeURIComponent(cursor)}`
        refused(t, await ministry('GET', path), 400, 'cursor-invalid', path)
      }
      for (const query of ['limit=0', 'limit=501', 'limit=x', 'limit=1&limit=2', 'nothing=1']) {
        const path = `${list}?${query}`
        refused(t, await ministry('GET', path), 422, 'request-invalid', path)
      }
    }
    const paths = [
      '/documents?state=lost',
      '/documents?since=yesterday',
      '/documents?since=2026-11-20',
      '/documents?edxmlDocumentId=%00',
      '/documents?kind=any',
      '/documents?agency=%00',
      '/inbox?wait=31',
      '/inbox?wait=-1',
      '/inbox?kind=',
      '/agencies?text=',
      '/agencies?text=%00',
      '/agencies?tier=X',
      '/agencies?parent=%27%3B--',
      '/agencies/%00',
      ...['', '/packet', '/asice', '/receipt', '/timeline', '/attachments/1'].map(
        (part) => `/documents/1${part}`,
      ),
      ...['', '/packet', '/asice', '/attachments/1'].map((part) => `/inbox/x${part}`),
      `${document}/attachments/x`,
      `${document}/attachments/1.5`,
      `${item}/packet?claimToken=1`,
    ]
    for (const path of paths) refused(t, await ministry('GET', path), 422, 'request-invalid', path)
    refused(t, await ministry('GET', '/documents?agency=X99'), 403, 'delegation-missing', 'agency=X99')
    for (const part of ['', '/packet', '/asice', '/receipt', '/timeline', '/attachments/1'])
      refused(t, await ministry('GET', `/documents/${NOBODY}${part}`), 404, 'not-found', part)
    for (const part of ['', '/packet', '/asice', '/attachments/1'])
      refused(t, await ministry('GET', `/inbox/${NOBODY}${part}`), 404, 'not-found', part)
    refused(t, await ministry('DELETE', document), 405, 'method-not-allowed', 'DELETE')
  })

  await t.test('JSON bodies', async (t) => {
    const operations: [method: 'POST' | 'PUT', path: string, good: object][] = [
      ['POST', '/documents', HEADER],
      ['POST', `${document}/update`, HEADER],
      ['POST', `${document}/replace`, HEADER],
      ['POST', `${document}/recall`, { reason: 'x' }],
      ['POST', '/inbox/claims', { limit: 1, leaseSeconds: 30 }],
      ['POST', `${item}/statuses`, { code: '03' }],
      ['POST', `${item}/ack`, {}],
      ['PUT', '/endpoint', { channel: 'mailbox' }],
    ]
    const json = 'application/json'
    for (const [method, path, good] of operations) {
      const ask = (sending: Sending) => province(method, path, sending)
      const send = (sending: Sending) =>
        path.startsWith('/inbox') ? ask(sending) : ministry(method, path, sending)
      const malformed: [string, string | Buffer][] = [
        ['empty', ''],
        ['cut', '{'],
        ['not UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])],
        ['prototype', '{"__proto__":{}}'],
      ]
      for (const [what, body] of malformed)
        refused(t, await send({ body, type: json }), 400, 'request-malformed', `${path} ${what}`)
      for (const body of ['[]', '"x"', '1', '{"unknown":1}', JSON.stringify({ ...good, unknown: 1 })])
        refused(t, await send({ body, type: json }), 422, 'request-invalid', `${path} ${body}`)
      const types: Sending[] = [
        { body: 'x', type: 'text/plain' },
        { body: '{}', type: 'text/json' },
        { body: JSON.stringify(good), type: json, headers: { 'content-encoding': 'gzip' } },
      ]
      for (const sending of types)
        refused(t, await send(sending), 415, 'media-type-unsupported', `${path} ${sending.type}`)
      const huge = JSON.stringify({ ...good, x: 'x'.repeat(1_048_600) })
      refused(t, await send({ body: huge, type: json }), 413, 'payload-too-large', `${path} huge`)
    }
    refused(t, await ministry('POST', '/documents'), 415, 'media-type-unsupported', 'no body')
    refused(t, await province('POST', '/inbox/claims'), 422, 'request-invalid', 'no body')
    const claims = [
      { limit: 0, leaseSeconds: 30 },
      { limit: '5', leaseSeconds: 30 },
      { limit: 5, leaseSeconds: 1 },
      { limit: 5, leaseSeconds: 1e9 },
    ]
    for (const body of claims)
      refused(
        t,
        await province('POST', '/inbox/claims', { body }),
        422,
        'request-invalid',
        JSON.stringify(body),
      )
    for (const reason of ['', '  ', 'a\u0000b', '\ud800', 'x'.repeat(501), 5])
      refused(
        t,
        await ministry('POST', `${document}/recall`, { body: { reason } }),
        422,
        'request-invalid',
        `${reason}`,
      )
  })

  await t.test('headers of documents: every fault is named by its place', async (t) => {
    const wrong: [object, string][] = [
      [{ to: [] }, '#/body/to'],
      [{ to: [{ organId: 'H 90' }] }, '#/body/to/0/organId'],
      [{ to: ['H90'] }, '#/body/to/0'],
      [{ subject: '' }, '#/body/subject'],
      [{ subject: 'x'.repeat(501) }, '#/body/subject'],
      [{ subject: 'điều\u0000khiển' }, '#/body/subject'],
      [{ promulgationDate: '20/11/2026' }, '#/body/promulgationDate'],
      [{ priority: 5 }, '#/body/priority'],
      [{ priority: '3' }, '#/body/priority'],
      [{ signer: {} }, '#/body/signer/fullName'],
      [{ business: { operation: 'burn' } }, '#/body/business/operation'],
      [{ codeNumber: undefined }, '#/body/codeNumber'],
    ]
    for (const [change, path] of wrong) {
      const answer = await ministry('POST', '/documents', { body: { ...HEADER, ...change } })
      const { errors } = refused(t, answer, 422, 'request-invalid', JSON.stringify(change))
      t.ok(
        errors.some((fault) => fault.path === path),
        `${path} in ${JSON.stringify(errors)}`,
      )
    }
    const impossible = { ...HEADER, promulgationDate: '2026-02-30' }
    refused(
      t,
      await ministry('POST', '/documents', { body: impossible }),
      422,
      'request-invalid',
      '30 February',
    )
    const control = { ...HEADER, subject: 'a\u0001b' }
    refused(t, await ministry('POST', '/documents', { body: control }), 422, 'request-invalid', 'U+0001')
    await recordFacts(gateway.api.pool, agencyFacts({ code: 'H90.19', validTo: '2025-07-01' }))
    const unknown = { ...HEADER, to: [{ organId: 'X99' }, { organId: 'H90.19' }] }
    const { errors } = refused(
      t,
      await ministry('POST', '/documents', { body: unknown }),
      422,
      'recipients-unresolvable',
      'recipients',
    )
    t.match(errors, [{ code: 'recipient-unknown' }, { code: 'recipient-closed' }])
    const foreign = { ...HEADER, from: { organId: 'H90' } }
    refused(t, await ministry('POST', '/documents', { body: foreign }), 403, 'sender-mismatch', 'from')
    const secret = { ...HEADER, subject: 'TUYỆT MẬT: kế hoạch' }
    refused(t, await ministry('POST', '/documents', { body: secret }), 422, 'state-secret', 'secret')
  })

  await t.test('forms', async (t) => {
    const wrong: [FormData, string][] = [
      [form([]), 'part-missing'],
      [form([['file', 'x', 'a.txt']]), 'part-missing'],
      [
        form([
          ['header', head],
          ['header', head],
        ]),
        'part-repeated',
      ],
      [
        form([
          ['header', head],
          ['attachment', 'x', 'a.txt'],
        ]),
        'part-unknown',
      ],
      [
        form([
          ['header', head],
          ['file', 'x'],
        ]),
        'file-name-missing',
      ],
      [
        form([
          ['header', head],
          ['file', '', 'a.txt'],
        ]),
        'file-empty',
      ],
      [
        form([
          ['envelope', 'x'],
          ['header', head],
        ]),
        'parts-conflict',
      ],
      [form([['header', '{"to":[]}']]), 'schema-required'],
    ]
    for (const [body, fault] of wrong) {
      const { errors } = refused(
        t,
        await ministry('POST', '/documents', { body }),
        422,
        'request-invalid',
        fault,
      )
      t.ok(
        errors.some(({ code }) => code === fault),
        `${fault} in ${JSON.stringify(errors)}`,
      )
    }
    const notJson = await ministry('POST', '/documents', { body: form([['header', '{']]) })
    refused(t, notJson, 400, 'request-malformed', 'header')
    const proto = await ministry('POST', '/documents', { body: form([['__proto__', 'x']]) })
    refused(t, proto, 422, 'request-invalid', '__proto__')
    const notPacket = await ministry('POST', '/documents', { body: form([['envelope', 'x']]) })
    refused(t, notPacket, 400, 'packet-malformed', 'envelope')
    const bare: [string, string][] = [
      ['multipart/form-data', 'x'],
      ['multipart/form-data; boundary=b', ''],
      ['multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="header"\r\n\r\n{}'],
      [
        'multipart/form-data; boundary=b',
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc\r\n--b',
      ],
    ]
    for (const [type, body] of bare) {
      const answer = await ministry('POST', '/documents', { body, type })
      t.ok(answer.status === 400 || answer.status === 422, `${answer.status} ${body}`)
    }
  })

  await t.test('packets that are none, or too long, or cut off', async (t) => {
    const post = (body: string | Buffer, headers = {}) =>
      ministry('POST', '/documents', { body, type: XML, headers })
    refused(t, await post(''), 400, 'packet-malformed', 'empty')
    refused(t, await post('{}'), 400, 'packet-malformed', 'JSON')
    refused(t, await post('<!DOCTYPE a><a/>'), 400, 'packet-refused', 'DOCTYPE')
    refused(
      t,
      await post('<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"/>'),
      422,
      'packet-invalid',
      'no envelope',
    )
    for (const key of ['a b', 'x'.repeat(256), '""', '"a b"'])
      refused(t, await post(packet, { 'idempotency-key': key }), 422, 'request-invalid', `key ${key}`)
    const { packetBytes } = served.context.packetLimits
    const answer = await openRequest(served.url, token('G90'), packetBytes + 1)
    t.equal(answer.statusCode, 413, 'told before the first byte')
    const left = openRequest(served.url, token('G90'), 1_000, (sending) => sending.destroy()).catch(
      () => 'left',
    )
    t.equal(await left, 'left')
    const { rows } = await gateway.api.pool.query('select from document')
    t.equal(rows.length, 1, 'nothing of all this was taken in')
  })

  await t.test('a client that leaves 8 packets half sent gets no ninth, and others go on', async (t) => {
    // A client that has sent nothing yet: an upload that it broke off before might still hold a place.
    const flooder = system('H91')
    const own = await documentPacket({ from: 'H91', to: ['H90'], documentId: 'H91,2026/11/20,1/UBND' })
    const open: ClientRequest[] = []
    const answers = Array.from({ length: 9 }, () =>
      openRequest(served.url, token('H91'), 1_000, (sending) => open.push(sending)).catch(() => 'left'),
    )
    // One of the nine is turned away, whichever comes last: then the other eight hold their places.
    const ninth = await Promise.race(answers)
    t.match(ninth, { statusCode: 429 })
    const tooMany = await flooder('POST', '/documents', { body: own, type: XML })
    refused(t, tooMany, 429, 'rate-limited', 'tenth')
    t.equal(tooMany.headers['retry-after'], '1')
    const status = await flooder('POST', `${item}/statuses`, { body: { code: '01' } })
    refused(t, status, 404, 'not-found', 'what it reports has a place beside its packets')
    t.equal((await flooder('GET', '/inbox')).status, 200, 'reading is none')
    t.equal((await province('POST', `${item}/statuses`, { body: { code: '01' } })).status, 201)
    for (const sending of open) sending.destroy()
    await Promise.all(answers)
    const again = await waitFor(async () => {
      const answer = await flooder('POST', '/documents', { body: own, type: XML })
      return answer.status !== 429 && answer
    })
    t.equal(again.status, 201, 'what is given up gives its slot back')
  })

  await t.test('an odd packet that was taken in can be recalled and reported on all the same', async (t) => {
    const sound = await documentPacket({ from: 'G90', to: ['H90', 'H91'], documentId: 'tuỳ ý / 77' })
    const odd = sound
      .toString('utf8')
      .replace(/<edXML:PromulgationInfo>[\s\S]*<\/edXML:PromulgationInfo>/, '')
      .replace(/<edXML:CodeNumber>\d+/, '<edXML:CodeNumber>20251020104803')
    const { documentId, recipients, warnings } = (
      await ministry('POST', '/documents', { body: odd, type: XML })
    ).body
    t.ok(warnings.length > 0)
    await gateway.deliverDue()
    const delivery = recipients.find(({ agency }) => agency === 'H90')!.deliveryId
    t.equal((await province('GET', `/inbox/${delivery}/packet`)).status, 200)
    t.equal((await province('POST', `/inbox/${delivery}/statuses`, { body: { code: '01' } })).status, 201)
    await setLifetime(gateway.api.pool, 'H91', '2026-01-01')
    const recalled = await ministry('POST', `/documents/${documentId}/recall`, {
      body: { reason: 'Gửi nhầm' },
    })
    t.match(recalled.body.outcomes, [
      { agency: 'H90', outcome: 'asked' },
      { agency: 'H91', outcome: 'withdrawn' },
    ])
  })

  await t.test('bytes that are lost or rotten are never given out as the document', async (t) => {
    const body = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,9/BTN' })
    const sent = (await ministry('POST', '/documents', { body, type: XML })).body
    await gateway.deliverDue()
    const path = `/inbox/${sent.recipients[0]!.deliveryId}`
    const stored = { pool: gateway.api.pool, root: gateway.api.config.blobs }
    const blob = sha256(sent.packetSha256)
    await spoilStored(stored, blob, 'missing')
    for (const part of ['/packet', '/asice'])
      refused(t, await province('GET', path + part), 503, 'content-damaged', part)
    t.match((await province('GET', path)).body, { state: 'available' }, 'nothing was handed over')
    await rewriteStored(stored, blob, Buffer.alloc(body.length, 'x'))
    refused(t, await province('GET', `${path}/packet`), 503, 'content-damaged', 'rotten')
    refused(t, await province('GET', `${path}/asice`), 503, 'content-damaged', 'rotten, in the container')
    t.match((await province('GET', path)).body, { state: 'available' }, 'still nothing was handed over')
  })

  await t.test('forms of others', async (t) => {
    const text = await readFile(`${CORPUS}cases.json`, 'utf8').catch(() => null)
    if (text === null) return t.comment(`skipped: there is no ${CORPUS}`)
    for (const { id, file, contentType } of (JSON.parse(text) as { cases: MultipartCase[] }).cases) {
      const body = await readFile(CORPUS + file)
      const answer = await ministry('POST', '/documents', { body, type: contentType })
      t.ok(answer.status >= 400 && answer.status < 500, `${id}: ${answer.status}`)
    }
  })
})
