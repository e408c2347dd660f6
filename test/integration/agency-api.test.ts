import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import { FormData } from 'undici'
import { fromBufferPromise } from 'yauzl'
import { verifyReceipt } from '../../src/signature/receipt-jws.ts'
import { makePdf } from '../fakes/make-pdf.ts'
import { type AgencySystem, agencyDoor, type DoorAnswer } from '../support/agency-door.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { setLifetime } from '../support/record-facts.ts'
import { waitFor } from '../support/wait-for.ts'

const MINISTRY = 'G90'
const PROVINCE = 'H90'
const OTHER = 'H91'
const COMMUNE = 'H90.31'

let serial = 0
const XML = 'application/xml'
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const agenciesOf = (list: readonly { readonly agency: string }[]) => list.map(({ agency }) => agency).sort()

/** What a system tells of a document for which the gateway writes the packet. */
const header = (to: readonly string[], more: object = {}) => ({
  to: to.map((organId) => ({ organId })),
  codeNumber: String(++serial),
  codeNotation: 'BTN-VP',
  place: 'Hà Nội',
  promulgationDate: '2026-11-20',
  documentType: { type: 2, typeDetail: 18, typeName: 'Công văn' },
  subject: 'V/v kết nối liên thông văn bản điện tử',
  signer: { position: 'Chánh Văn phòng', fullName: 'Nguyễn Văn Thử' },
  ...more,
})

function form(head: object, files: readonly { name: string; type: string; bytes: Uint8Array }[]): FormData {
  const data = new FormData()
  for (const { name, type, bytes } of files)
    data.append('file', new Blob([new Uint8Array(bytes)], { type }), name)
  data.append('header', JSON.stringify(head))
  return data
}

const packetTo = (to: readonly string[], subject?: string) =>
  documentPacket({ from: MINISTRY, to, documentId: `${MINISTRY},2026/11/20,${++serial}/BTN-RAW`, subject })

t.test('the door of agencies', async (t) => {
  const gateway = await testGateway(t)
  const { pool, waiters, trust } = gateway.api
  const { system } = await agencyDoor(t, gateway, [MINISTRY, PROVINCE, OTHER, COMMUNE], {
    http: { concurrentSubmissions: 50 },
  })
  const [ministry, province, other, commune] = [MINISTRY, PROVINCE, OTHER, COMMUNE].map(system) as [
    AgencySystem,
    AgencySystem,
    AgencySystem,
    AgencySystem,
  ]

  const is = (t: Test, answer: DoorAnswer, status: number, code?: string) => {
    t.equal(answer.status, status, answer.bytes.toString('utf8').slice(0, 300))
    if (code !== undefined) t.equal(answer.body.code, code)
    return answer
  }
  const submit = async (t: Test, body: object) =>
    is(t, await ministry('POST', '/documents', { body }), 201).body
  const deliveryTo = (accepted: DoorAnswer['body'], agency: string) =>
    accepted.recipients.find((one) => one.agency === agency)!.deliveryId
  /** Submits to these agencies and lets it arrive. */
  const arrived = async (t: Test, to: readonly string[]) => {
    const accepted = await submit(t, header(to))
    await gateway.deliverDue()
    return accepted
  }

  await t.test('an edXML packet: accepted, listed, taken, acknowledged; byte for byte', async (t) => {
    const packet = await packetTo([PROVINCE, COMMUNE])
    const accepted = is(t, await ministry('POST', '/documents', { body: packet, type: XML }), 201)
    const { documentId, receipt, packetSha256 } = accepted.body
    t.equal(accepted.headers.location, `/v1/documents/${documentId}`)
    t.equal(packetSha256, sha256(packet))
    t.strictSame(agenciesOf(accepted.body.recipients), [PROVINCE, COMMUNE])
    const verified = await verifyReceipt(receipt, { trust, time: new Date() })
    t.match(verified, { trust: 'trusted', receipt: { document: documentId, packetSha256 } })

    const delivery = deliveryTo(accepted.body, PROVINCE)
    is(t, await province('GET', `/inbox/${delivery}`), 404, 'not-found')
    await gateway.deliverDue()
    const item = (await province('GET', '/inbox')).body.items.find((one) => one.deliveryId === delivery)!
    t.match(item, { documentId, state: 'available', kind: 'document', sender: MINISTRY })
    const facts = is(t, await province('GET', `/inbox/${delivery}`), 200)
    t.match(facts.body, { state: 'available', handedOverAt: null, header: { from: { organId: MINISTRY } } })
    is(t, await province('HEAD', `/inbox/${delivery}/packet`), 405)
    t.match(
      (await province('GET', `/inbox/${delivery}`)).body,
      { state: 'available' },
      'looking is not taking',
    )
    is(t, await province('POST', `/inbox/${delivery}/ack`), 409, 'delivery-state-conflict')

    const taken = is(t, await province('GET', `/inbox/${delivery}/packet`), 200)
    t.ok(taken.bytes.equals(packet))
    t.match(taken.headers, {
      'content-type': XML,
      'content-length': String(packet.length),
      etag: `"${packetSha256}"`,
    })
    t.match((await province('GET', `/inbox/${delivery}`)).body, { state: 'handed-over' })
    is(t, await province('POST', `/inbox/${delivery}/ack`), 204)
    is(t, await province('POST', `/inbox/${delivery}/ack`, { body: {} }), 204)
    t.notOk((await province('GET', '/inbox')).body.items.some((one) => one.deliveryId === delivery))

    const sent = is(t, await ministry('GET', `/documents/${documentId}`), 200).body
    t.match(sent, { state: 'in-transit', legalValue: 'reference-only', signatures: { envelope: 'absent' } })
    t.match(sent.deliveries.items, [
      { agency: PROVINCE, state: 'acknowledged' },
      { agency: COMMUNE, state: 'available' },
    ])
    t.ok((await ministry('GET', `/documents/${documentId}/packet`)).bytes.equals(packet))
    const jws = await ministry('GET', `/documents/${documentId}/receipt`)
    t.match([jws.headers['content-type'], jws.bytes.toString()], ['application/jose', receipt])
    const timeline = is(t, await ministry('GET', `/documents/${documentId}/timeline?limit=1`), 200).body
    t.match(timeline, {
      state: 'in-transit',
      items: [{ agency: PROVINCE, attempts: 1 }],
      nextCursor: /^[\w-]+$/,
    })
    t.match(timeline.items[0], {
      entries: [
        { kind: 'submission-accepted' },
        { kind: 'delivery-available' },
        { kind: 'delivery-handed-over' },
        { kind: 'delivery-acknowledged' },
      ],
    })
    const rest = await ministry(
      'GET',
      `/documents/${documentId}/timeline?limit=1&cursor=${timeline.nextCursor}`,
    )
    t.match(rest.body, { items: [{ agency: COMMUNE }], nextCursor: null })
  })

  await t.test('a header with files: parts in any order, the same bytes however often', async (t) => {
    const pdf = makePdf(['CÔNG VĂN', 'Kính gửi: Tỉnh Thử nghiệm'])
    const big = Buffer.alloc(3_000_001, 'nội dung ')
    const head = header([PROVINCE], { dueDate: '2026/12/01', priority: 3, toPlaces: ['Lưu: VT'] })
    const files = [
      { name: 'Công văn số 1 (hỏa tốc).pdf', type: 'application/pdf', bytes: pdf },
      { name: 'Phụ lục.bin', type: 'application/octet-stream', bytes: big },
    ]
    const first = is(t, await ministry('POST', '/documents', { body: form(head, files) }), 201)
    t.equal(first.body.edxmlDocumentId, `${MINISTRY},2026/11/20,${head.codeNumber}/BTN-VP`)
    const again = is(t, await ministry('POST', '/documents', { body: form(head, files) }), 200)
    t.equal(again.headers['idempotency-replayed'], 'true')
    t.equal(again.body.receipt, first.body.receipt)
    await gateway.deliverDue()

    const delivery = deliveryTo(first.body, PROVINCE)
    const attachment = is(t, await province('GET', `/inbox/${delivery}/attachments/1`), 200)
    t.ok(attachment.bytes.equals(pdf))
    t.match(attachment.headers, {
      'content-type': 'application/pdf',
      'x-content-type-options': 'nosniff',
      'content-disposition':
        /^attachment; filename="Cong van so 1 \(hoa toc\).pdf"; filename\*=UTF-8''C%C3%B4ng%20v%C4%83n%20s%E1%BB%91%201%20%28h%E1%BB%8Fa%20t%E1%BB%91c%29.pdf$/,
    })
    t.ok((await ministry('GET', `/documents/${first.body.documentId}/attachments/2`)).bytes.equals(big))
    is(t, await province('GET', `/inbox/${delivery}/attachments/3`), 404, 'not-found')
    is(t, await province('GET', `/inbox/${delivery}/attachments/0`), 422, 'request-invalid')
    const container = is(t, await province('GET', `/inbox/${delivery}/asice`), 200)
    const zip = await fromBufferPromise(container.bytes)
    const names: string[] = []
    for await (const { fileName } of zip.eachEntry()) names.push(fileName)
    t.strictSame(names, [
      'mimetype',
      'packet.edxml',
      'attachment-001.pdf',
      'attachment-002.bin',
      'META-INF/manifest.xml',
      'META-INF/signatures001.xml',
    ])
    const whole = new FormData()
    whole.append('envelope', new Blob([new Uint8Array(await packetTo([PROVINCE]))]), 'goi-tin.edxml')
    is(t, await ministry('POST', '/documents', { body: whole }), 201)
  })

  await t.test('50 of the same at once: one document, one receipt', async (t) => {
    const packet = await packetTo([OTHER])
    const sendUntilTaken = () =>
      waitFor(
        async () => {
          const answer = await ministry('POST', '/documents', { body: packet, type: XML })
          // So many at once may be too many for one process; they come again, as they are told to.
          if (answer.status < 300) return answer
          is(t, answer, 503, 'overloaded')
          t.ok(answer.headers['retry-after'], 'with the time to come again')
          return false
        },
        20_000,
        () => 'a place for one of fifty',
      )
    const answers = await Promise.all(Array.from({ length: 50 }, sendUntilTaken))
    t.equal(answers.filter(({ status }) => status === 201).length, 1)
    t.equal(answers.filter(({ status }) => status === 200).length, 49)
    t.equal(new Set(answers.map(({ body }) => body.receipt)).size, 1)
    const { rows } = await pool.query('select from document where packet_sha256 = $1', [sha256(packet)])
    t.equal(rows.length, 1)
    const head = header([OTHER])
    await submit(t, head)
    const changed = await ministry('POST', '/documents', { body: { ...head, subject: 'V/v nội dung khác' } })
    is(t, changed, 409, 'document-id-conflict')
  })

  await t.test('an Idempotency-Key stands for one request, quoted or not', async (t) => {
    const key = { 'idempotency-key': 'khoa-1' }
    const head = header([OTHER])
    const first = is(t, await ministry('POST', '/documents', { body: head, headers: key }), 201)
    const quoted = { 'idempotency-key': '"khoa-1"' }
    const again = is(t, await ministry('POST', '/documents', { body: head, headers: quoted }), 200)
    t.equal(again.body.receipt, first.body.receipt)
    const reused = await ministry('POST', '/documents', { body: header([OTHER]), headers: key })
    is(t, reused, 422, 'idempotency-key-reused')
    await gateway.deliverDue()
    const delivery = deliveryTo(first.body, OTHER)
    const report = (code: string) =>
      other('POST', `/inbox/${delivery}/statuses`, { body: { code }, headers: { 'idempotency-key': 's-1' } })
    const answers = await Promise.all([report('01'), report('01'), report('01')])
    t.equal(
      new Set(answers.map(({ body }) => body.receipt)).size,
      1,
      'a status that names no time is the same one',
    )
    const [reported] = answers
    await pool.query("update idempotency_key set created_at = created_at - interval '1 hour'")
    t.equal((await report('01')).body.receipt, reported!.body.receipt)
    is(t, await report('03'), 422, 'idempotency-key-reused')
  })

  await t.test('nobody else sees, takes or changes it', async (t) => {
    const { documentId, ...accepted } = await arrived(t, [PROVINCE])
    const delivery = deliveryTo({ ...accepted, documentId }, PROVINCE)
    const document = `/documents/${documentId}`
    const item = `/inbox/${delivery}`
    for (const stranger of [other, commune]) {
      for (const part of ['', '/packet', '/attachments/1', '/asice', '/receipt', '/timeline'])
        is(t, await stranger('GET', document + part), 404, 'not-found')
      for (const change of ['/recall', '/update', '/replace']) {
        const body = change === '/recall' ? { reason: 'Nhầm' } : header([COMMUNE])
        is(t, await stranger('POST', document + change, { body }), 404, 'not-found')
      }
      for (const part of ['', '/packet', '/attachments/1', '/asice'])
        is(t, await stranger('GET', item + part), 404, 'not-found')
      is(t, await stranger('POST', `${item}/ack`), 404, 'not-found')
      is(t, await stranger('POST', `${item}/statuses`, { body: { code: '03' } }), 404, 'not-found')
      is(t, await stranger('GET', `/inbox?agency=${PROVINCE}`), 403, 'delegation-missing')
      is(t, await stranger('GET', `${document}?agency=${MINISTRY}`), 403, 'delegation-missing')
    }
    is(t, await province('GET', document), 404, 'not-found')
    is(t, await ministry('GET', item), 404, 'not-found')
    t.match((await province('GET', item)).body, { state: 'available' })
    await pool.query(
      `insert into delegation (id, agency_code, delegate_code, valid_from)
        values (gen_random_uuid(), $1, $2, '2026-01-01')`,
      [PROVINCE, COMMUNE],
    )
    t.match((await commune('GET', `${item}?agency=${PROVINCE}`)).body, { state: 'available' })
    is(t, await commune('GET', `${item}/packet?agency=${PROVINCE}`), 200)
    is(t, await commune('POST', `${item}/statuses?agency=${PROVINCE}`, { body: { code: '01' } }), 201)
    await setLifetime(pool, COMMUNE, '2026-01-02')
    is(t, await commune('GET', `${item}?agency=${PROVINCE}`), 403, 'delegation-missing')
    is(t, await commune('GET', '/inbox'), 200)
    await setLifetime(pool, COMMUNE, null)
    is(t, await commune('GET', `${item}?agency=${PROVINCE}`), 200)
    await pool.query('delete from delegation')
  })

  await t.test('a recall takes back what was not fetched, and asks for the rest', async (t) => {
    const accepted = await arrived(t, [PROVINCE, OTHER])
    const [toProvince, toOther] = [deliveryTo(accepted, PROVINCE), deliveryTo(accepted, OTHER)]
    is(t, await province('GET', `/inbox/${toProvince}/packet`), 200)
    const recall = (body: object) =>
      ministry('POST', `/documents/${accepted.documentId}/recall`, {
        body,
        headers: { 'idempotency-key': 'thu-hoi' },
      })
    const answer = is(t, await recall({ reason: 'Sai thể thức' }), 201)
    t.strictSame(answer.body.outcomes, [
      { agency: PROVINCE, outcome: 'asked' },
      { agency: OTHER, outcome: 'withdrawn' },
    ])
    t.equal(is(t, await recall({ reason: 'Sai thể thức' }), 200).body.receipt, answer.body.receipt)
    is(t, await recall({ reason: 'Lý do khác' }), 422, 'idempotency-key-reused')
    is(t, await other('GET', `/inbox/${toOther}/packet`), 410, 'delivery-withdrawn')
    is(t, await other('GET', `/inbox/${toOther}`), 410, 'delivery-withdrawn')
    await gateway.deliverDue()
    const asked = (await province('GET', '/inbox')).body.items.find(
      ({ documentId }) => documentId === answer.body.documentId,
    )!
    t.match(asked, { operation: 'recall' })
    is(t, await province('POST', `/inbox/${asked.deliveryId}/statuses`, { body: { code: '15' } }), 201)
    const sent = (await ministry('GET', `/documents/${accepted.documentId}`)).body
    t.match(sent.deliveries.items, [
      { agency: PROVINCE, state: 'handed-over', requestState: 'agreed' },
      { agency: OTHER, state: 'withdrawn' },
    ])
    const wrong = { reason: 'x', recipients: [COMMUNE, 'X99'] }
    const refused = await ministry('POST', `/documents/${accepted.documentId}/recall`, { body: wrong })
    t.strictSame(
      is(t, refused, 422, 'recipients-unresolvable').body.errors.map(({ found }) => found),
      [COMMUNE, 'X99'],
    )
    const ofRecall = await ministry('POST', `/documents/${answer.body.documentId}/recall`, {
      body: { reason: 'x' },
    })
    is(t, ofRecall, 422, 'target-unknown')
  })

  await t.test('a recall against a fetch: one of them wins, never both', async (t) => {
    for (let round = 0; round < 10; round++) {
      const accepted = await arrived(t, [PROVINCE])
      const [fetched, recalled] = await Promise.all([
        province('GET', `/inbox/${deliveryTo(accepted, PROVINCE)}/packet`),
        ministry('POST', `/documents/${accepted.documentId}/recall`, { body: { reason: 'Gửi nhầm' } }),
      ])
      t.ok([200, 410].includes(fetched.status))
      const outcome = fetched.status === 200 ? 'asked' : 'withdrawn'
      t.strictSame(is(t, recalled, 201).body.outcomes, [{ agency: PROVINCE, outcome }])
    }
  })

  await t.test(
    'an update takes the place of what was not fetched; a replacement has an id of its own',
    async (t) => {
      const first = await arrived(t, [PROVINCE, OTHER])
      is(t, await province('GET', `/inbox/${deliveryTo(first, PROVINCE)}/packet`), 200)
      const head = header([PROVINCE, COMMUNE], { business: { reason: 'Sửa trích yếu' } })
      const update = () => ministry('POST', `/documents/${first.documentId}/update`, { body: form(head, []) })
      const updated = is(t, await update(), 201).body
      is(t, await update(), 200)
      t.equal(updated.edxmlDocumentId, first.edxmlDocumentId)
      t.strictSame(agenciesOf(updated.asked), [PROVINCE])
      t.strictSame(agenciesOf(updated.withdrawn), [OTHER])
      t.match((await ministry('GET', `/documents/${updated.documentId}`)).body, {
        header: {
          business: {
            operation: 'update',
            documentId: first.edxmlDocumentId,
            receivers: [
              { organId: OTHER, change: 'removed' },
              { organId: COMMUNE, change: 'added' },
            ],
          },
        },
      })
      const replaced = is(
        t,
        await ministry('POST', `/documents/${first.documentId}/replace`, { body: header([PROVINCE]) }),
        201,
      ).body
      t.not(replaced.edxmlDocumentId, first.edxmlDocumentId)
      t.strictSame(agenciesOf(replaced.withdrawn), [PROVINCE, COMMUNE], 'the update that nobody fetched')
      const envelope = new FormData()
      envelope.append('envelope', new Blob(['<edXML/>']), 'x.edxml')
      const refused = await ministry('POST', `/documents/${first.documentId}/update`, { body: envelope })
      t.match(is(t, refused, 422, 'request-invalid').body.errors, [
        { code: 'part-unknown', found: 'envelope' },
      ])
    },
  )

  await t.test('statuses in odd orders; the sender gets each one', async (t) => {
    const accepted = await arrived(t, [PROVINCE])
    const path = `/inbox/${deliveryTo(accepted, PROVINCE)}/statuses`
    for (const code of ['04', '01', '77', '03', '06', '05']) {
      const body = { code, description: `Trạng thái ${code}`, staff: { staff: 'Trần Thị Văn Thư' } }
      is(t, await province('POST', path, { body }), 201)
    }
    const dated = { code: '16', timestamp: '2026-11-21T02:00:00Z' }
    is(t, await province('POST', path, { body: dated }), 201)
    is(t, await province('POST', path, { body: dated }), 200)
    t.match((await ministry('GET', `/documents/${accepted.documentId}`)).body.deliveries.items, [
      { processingStatus: '06', requestState: null },
    ])
    const { items } = (await ministry('GET', `/documents/${accepted.documentId}/timeline`)).body
    t.match(items[0], {
      statuses: [
        { code: '04' },
        { code: '01' },
        { code: '77', label: null },
        { code: '03' },
        { code: '06' },
        { code: '05' },
        { code: '16', reportedAt: '2026/11/21 09:00:00' },
      ],
    })
    await gateway.deliverDue()
    const told = (await ministry('GET', '/inbox?kind=status')).body.items
    t.ok(told.some((item) => (item as { statusCode?: string }).statusCode === '77'))
    const statusItem = told[0]!.deliveryId
    is(t, await ministry('POST', `/inbox/${statusItem}/statuses`, { body: { code: '01' } }), 409)
    const refusals: [object, string][] = [
      [{ code: '02' }, 'reason-missing'],
      [{ code: '13' }, 'status-not-recipients'],
      [{ code: '3' }, 'schema-pattern'],
      [{ code: '03', timestamp: 'hôm nay' }, 'schema-pattern'],
      [{ code: '03', extra: 1 }, 'schema-additionalproperties'],
    ]
    for (const [body, fault] of refusals) {
      const refused = is(t, await province('POST', path, { body }), 422, 'request-invalid')
      t.ok(
        refused.body.errors.some(({ code }) => code === fault),
        `${fault}: ${JSON.stringify(refused.body.errors)}`,
      )
    }
    is(t, await province('POST', path, { body: { code: '02', description: 'Không đúng thẩm quyền' } }), 201)
  })

  await t.test('the inbox: long poll, claims, pages', async (t) => {
    const poll = commune('GET', `/inbox?wait=20&cursor=${(await commune('GET', '/inbox')).body.position}`)
    const accepted = await submit(t, header([COMMUNE]))
    await gateway.deliverDue()
    waiters.wake()
    const [woken] = (await poll).body.items
    t.equal(woken?.deliveryId, deliveryTo(accepted, COMMUNE))
    const position = (await poll).body.position
    t.match((await commune('GET', `/inbox?wait=1&cursor=${position}`)).body, {
      items: [],
      nextCursor: null,
      position,
    })

    const gone = new AbortController()
    const waiting = waiters.waiting
    const left = commune('GET', `/inbox?wait=30&cursor=${position}`, { signal: gone.signal }).catch(
      () => 'left',
    )
    await waitFor(() => waiters.waiting > waiting)
    gone.abort()
    t.equal(await left, 'left')
    await waitFor(() => waiters.waiting === waiting, 5_000)

    const [one, two] = await Promise.all(
      [1, 2].map(() => province('POST', '/inbox/claims', { body: { limit: 2, leaseSeconds: 60 } })),
    )
    const claimed = [...one!.body.items, ...two!.body.items].map(({ deliveryId }) => deliveryId)
    t.equal(new Set(claimed).size, 4, 'nothing is lent twice')
    const mine = one!.body.items[0]!.deliveryId
    is(t, await province('GET', `/inbox/${mine}/packet`), 409, 'claim-conflict')
    const token = one!.body.claimToken
    is(t, await province('GET', `/inbox/${mine}/packet?claimToken=${token}`), 200)
    is(t, await province('POST', `/inbox/${mine}/ack`, { body: { claimToken: two!.body.claimToken } }), 409)
    is(t, await province('POST', `/inbox/${mine}/ack`, { body: { claimToken: token } }), 204)

    const all: number[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: DoorAnswer = is(
        t,
        await province('GET', `/inbox?limit=3${cursor && `&cursor=${cursor}`}`),
        200,
      )
      all.push(...page.body.items.map(({ number }) => number))
      cursor = page.body.nextCursor
    }
    const whole = (await province('GET', '/inbox?limit=500')).body.items.map(({ number }) => number)
    t.strictSame(all, whole)
  })

  await t.test('what was sent: newest first, in pages, by state and id', async (t) => {
    const accepted = await submit(t, header([OTHER]))
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: DoorAnswer = is(
        t,
        await ministry('GET', `/documents?limit=5${cursor && `&cursor=${cursor}`}`),
        200,
      )
      seen.push(...page.body.items.map(({ documentId }) => documentId))
      cursor = page.body.nextCursor
    }
    t.equal(seen[0], accepted.documentId)
    t.equal(new Set(seen).size, seen.length)
    const { rows } = await pool.query(`select from document where sender_code = $1 and kind = 'document'`, [
      MINISTRY,
    ])
    t.equal(seen.length, rows.length)
    const ids = async (query: string) =>
      is(t, await ministry('GET', `/documents?limit=500&${query}`), 200).body.items.map(
        ({ documentId }) => documentId,
      )
    t.strictSame(await ids(`edxmlDocumentId=${encodeURIComponent(accepted.edxmlDocumentId)}`), [
      accepted.documentId,
    ])
    t.ok((await ids('state=accepted')).includes(accepted.documentId))
    const states = ['accepted', 'in-transit', 'delivered', 'delivered-in-part', 'failed', 'withdrawn']
    const byState = await Promise.all(states.map((state) => ids(`state=${state}`)))
    t.strictSame(byState.flat().sort(), [...seen].sort(), 'each is in one state')
    t.strictSame(await ids('since=2100-01-01T00:00:00Z'), [])
    t.strictSame(await ids('kind=status'), [])
    t.ok((await province('GET', '/documents?kind=status')).body.items.length > 0)
  })

  await t.test('lists stay small, however much the senders wrote', async (t) => {
    const documents = await Promise.all([0, 1, 2, 3].map(() => submit(t, header([COMMUNE]))))
    await gateway.deliverDue()
    const keys = documents.map(({ documentId }) => documentId)
    await pool.query(
      `update document set subject = 'V/v ' || repeat('đ', 3000000), code_number = repeat('1', 3000000),
        code_notation = repeat('a', 3000000) where id = any($1)`,
      [keys],
    )
    const lists = [
      await commune('GET', '/inbox?limit=500'),
      await ministry('GET', '/documents?limit=4'),
      await commune('POST', '/inbox/claims', { body: { limit: 500, leaseSeconds: 5 } }),
    ]
    for (const list of lists) {
      const long = list.body.items.filter(({ documentId }) => keys.includes(documentId))
      t.equal(long.length, 4)
      for (const item of long)
        t.match(item, { subject: /^V\/v đ{995}…$/u, codeNumber: /^1{999}…$/, codeNotation: /^a{999}…$/ })
    }
  })

  await t.test('the directory and the own endpoint', async (t) => {
    t.match((await commune('GET', '/agencies?tier=district')).body.items, [
      { code: 'H90.11', open: false, validTo: '2025-07-01', successor: 'H90.31' },
    ])
    t.strictSame(
      agenciesOf(
        (await commune('GET', '/agencies?text=x%C3%A3')).body.items.map(({ code }) => ({ agency: code })),
      ),
      ['H90.31', 'H90.32'],
    )
    t.match((await commune('GET', `/agencies/${PROVINCE}`)).body, { code: PROVINCE, open: true })
    is(t, await commune('GET', '/agencies/X99'), 404, 'not-found')
    t.strictSame((await commune('GET', '/endpoint')).body, {
      agency: COMMUNE,
      channel: 'mailbox',
      url: null,
      paused: false,
    })
    const put = (body: object) => commune('PUT', '/endpoint', { body })
    is(t, await put({ channel: 'https-push', url: 'https://dms.example.vn/tram' }), 200)
    t.match((await commune('GET', '/endpoint')).body, {
      channel: 'https-push',
      url: 'https://dms.example.vn/tram',
    })
    for (const body of [
      { channel: 'https-push' },
      { channel: 'https-push', url: 'dms' },
      { channel: 'https-push', url: 'ftp://dms.example.vn' },
      { channel: 'https-push', url: 'https://u:p@dms.example.vn' },
      { channel: 'mailbox', url: 'https://dms.example.vn' },
      { channel: 'fax' },
    ])
      is(t, await put(body), 422, 'request-invalid')
    is(t, await commune('DELETE', '/endpoint'), 204)
    t.match((await commune('GET', '/endpoint')).body, { channel: 'mailbox' })
    const { rows } = await pool.query<{ detail: object }>(
      `select detail from audit_event where kind = 'endpoint-changed'`,
    )
    t.equal(rows.length, 2)
    t.match((await commune('GET', '/webhook-keys')).body.items, [{ key: /^whpk_/, algorithm: 'ed25519' }])
  })
})
