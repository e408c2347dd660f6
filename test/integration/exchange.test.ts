import t from 'tap'
import { findDelivery, listDeliveries } from '../../src/db/deliveries.ts'
import type { DeliveryState } from '../../src/domain/delivery-state.ts'
import {
  agencyCode,
  type DeliveryKey,
  type DocumentKey,
  edxmlDocumentId,
} from '../../src/domain/identifiers.ts'
import { GatewayError } from '../../src/domain/problem.ts'
import { acknowledge, handOver } from '../../src/receipts/hand-over.ts'
import { readInbox } from '../../src/receipts/inbox.ts'
import { documentTimeline } from '../../src/receipts/timeline.ts'
import { makePdf } from '../fakes/make-pdf.ts'
import { signingAgency } from '../fakes/signing-agency.ts'
import { callerOf, type TestGateway, testGateway } from '../support/gateway.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts, setLifetime, successionFact } from '../support/record-facts.ts'

const MINISTRY = 'G90'
const PROVINCE = 'H90'
const [COMMUNE_1, COMMUNE_2] = ['H90.31', 'H90.32']

const gateway = await testGateway(t)
const { pool, waiters } = gateway.api

let serial = 0
const newId = () => `${MINISTRY},2026/11/20,${++serial}/BTN-VP`

const states = async (document: DocumentKey): Promise<Record<string, DeliveryState>> =>
  Object.fromEntries((await listDeliveries(pool, document)).map(({ recipient, state }) => [recipient, state]))

const inboxOf = (agency: string) =>
  readInbox(
    pool,
    waiters,
    { agency: agencyCode(agency), after: 0, limit: 500, kind: null, wait: 0 },
    () => new AbortController().signal,
  )

const own = (agency: string, delivery: DeliveryKey) => ({
  caller: callerOf(agency),
  agency: agencyCode(agency),
  delivery,
  claimToken: null,
})

const refusal = (code: string) => ({ name: 'GatewayError', code })

async function deliveryTo(agency: string, document: DocumentKey): Promise<DeliveryKey> {
  const found = (await listDeliveries(pool, document)).find(({ recipient }) => recipient === agency)
  if (found === undefined) throw new Error(`no delivery to ${agency}`)
  return found.key
}

async function sent(g: TestGateway, to: string[], facts: { documentId?: string } = {}) {
  const documentId = facts.documentId ?? newId()
  const accepted = await g.submit(MINISTRY, await documentPacket({ from: MINISTRY, to, documentId }))
  return { ...accepted.claims, documentId }
}

t.test('a document reaches each recipient once, byte for byte, and every step is on record', async (t) => {
  const documentId = newId()
  const pdf = makePdf(['CÔNG VĂN', 'Kính gửi: Tỉnh Thử nghiệm'])
  const packet = await documentPacket({
    from: MINISTRY,
    to: [PROVINCE, COMMUNE_1],
    documentId,
    attachments: [{ name: 'Công văn số 1.pdf', type: 'application/pdf', bytes: pdf }],
  })
  const { claims, replayed } = await gateway.submit(MINISTRY, packet)
  t.equal(replayed, false)
  t.same(
    claims.recipients.map(({ agency }) => agency),
    [PROVINCE, COMMUNE_1],
  )
  t.same(await states(claims.document), { [PROVINCE]: 'waiting', [COMMUNE_1]: 'waiting' })
  await gateway.deliverDue()
  t.same(await states(claims.document), { [PROVINCE]: 'available', [COMMUNE_1]: 'available' })

  const item = (await inboxOf(PROVINCE)).find(({ document }) => document === claims.document)!
  t.match(item, { edxmlDocumentId: documentId, sender: MINISTRY, legalValue: 'reference-only' })
  await t.rejects(acknowledge(pool, own(PROVINCE, item.delivery)), refusal('delivery-state-conflict'))
  await handOver(pool, own(PROVINCE, item.delivery))
  await handOver(pool, own(PROVINCE, item.delivery))
  const chunks = await gateway.api.blobs.read(item.packetSha256).toArray()
  t.ok(Buffer.concat(chunks).equals(packet), 'the bytes as received')
  await acknowledge(pool, own(PROVINCE, item.delivery))
  await acknowledge(pool, own(PROVINCE, item.delivery))
  t.notOk((await inboxOf(PROVINCE)).some(({ delivery }) => delivery === item.delivery))

  const { recipients } = await documentTimeline(pool, claims.document)
  const province = recipients.find(({ delivery }) => delivery.recipient === PROVINCE)!
  t.same(
    province.entries.map(({ kind }) => kind),
    ['submission-accepted', 'delivery-available', 'delivery-handed-over', 'delivery-acknowledged'],
  )
})

t.test('the same submission gets the same receipt; the same id with other bytes is refused', async (t) => {
  const facts = { from: MINISTRY, to: [PROVINCE], documentId: newId() }
  const packet = await documentPacket(facts)
  const all = await Promise.all(Array.from({ length: 50 }, () => gateway.submit(MINISTRY, packet)))
  t.equal(new Set(all.map(({ receipt }) => receipt)).size, 1, '50 at once: one receipt')
  t.equal(all.filter(({ replayed }) => !replayed).length, 1, 'and one document')
  t.same((await gateway.submit(MINISTRY, packet)).receipt, all[0]!.receipt, 'later too')
  const other = await documentPacket({ ...facts, subject: 'V/v nội dung khác' })
  await t.rejects(gateway.submit(MINISTRY, other), refusal('document-id-conflict'))
})

t.test('an Idempotency-Key stands for one packet', async (t) => {
  const first = await documentPacket({ from: MINISTRY, to: [PROVINCE], documentId: newId() })
  const second = await documentPacket({ from: MINISTRY, to: [PROVINCE], documentId: newId() })
  const { receipt } = await gateway.submit(MINISTRY, first, 'key-1')
  t.equal((await gateway.submit(MINISTRY, first, 'key-1')).receipt, receipt)
  await t.rejects(gateway.submit(MINISTRY, second, 'key-1'), refusal('idempotency-key-reused'))
})

t.test('unknown, closed and repeated recipients are told together', async (t) => {
  const [gone, bounced] = ['H90.12', 'H90.13']
  await recordFacts(pool, [
    ...agencyFacts({ code: gone, name: 'Huyện Không kế thừa', validTo: '2025-07-01' }),
    ...agencyFacts({ code: bounced, name: 'Huyện Trả lại', validTo: '2025-07-01' }),
    successionFact(bounced, COMMUNE_1, '2025-07-01', 'bounce'),
  ])
  const packet = await documentPacket({
    from: MINISTRY,
    to: [gone, bounced, 'X99', PROVINCE],
    documentId: newId(),
  })
  const lastRecipient = /<edXML:To>(?:(?!<edXML:To>)[\s\S])*?<\/edXML:To>(?![\s\S]*<edXML:To>)/
  const twice = packet.toString().replace(lastRecipient, '$&$&')
  const error = await gateway.submit(MINISTRY, twice).catch((thrown: unknown) => thrown)
  t.match(error, refusal('recipients-unresolvable'))
  t.same(
    error instanceof GatewayError &&
      error.faults.map(({ code, reason, found, expected }) => [code, reason, found, expected]),
    [
      ['recipient-closed', 'closed-without-successor', gone, undefined],
      ['recipient-closed', 'closed-and-bounced', bounced, COMMUNE_1],
      ['recipient-unknown', 'unknown-code', 'X99', undefined],
      ['recipient-repeated', undefined, PROVINCE, undefined],
    ],
  )
  t.match(
    error instanceof GatewayError && error.faults[1]?.hint.vi,
    /Huyện Trả lại \(H90\.13\).*2025-07-01.*H90\.31/,
  )
})

t.test('nobody sends in the name of another, unless a delegation is on record', async (t) => {
  const packet = await documentPacket({
    from: COMMUNE_1,
    to: [PROVINCE],
    documentId: 'H90.31,2026/11/20,1/UBND',
  })
  await t.rejects(gateway.submit(COMMUNE_2, packet), refusal('sender-mismatch'))
  await pool.query(
    `insert into delegation (id, agency_code, delegate_code, valid_from)
      values (gen_random_uuid(), $1, $2, '2026-01-01')`,
    [COMMUNE_1, COMMUNE_2],
  )
  t.equal((await gateway.submit(COMMUNE_2, packet)).claims.sender, COMMUNE_1)
})

t.test('a state secret is refused and nothing of it is kept', async (t) => {
  const marked = [
    { documentId: newId(), subject: 'TỐI MẬT: phương án' },
    { documentId: newId(), notation: 'BC-BTN-M' },
    {
      documentId: newId(),
      attachments: [{ name: 'a.pdf', type: 'application/pdf', bytes: makePdf(['TUYỆT MẬT', 'Báo cáo']) }],
    },
  ]
  for (const facts of marked) {
    const packet = await documentPacket({ from: MINISTRY, to: [PROVINCE], ...facts })
    await t.rejects(gateway.submit(MINISTRY, packet), refusal('state-secret'))
    const { rowCount } = await pool.query('select from document where edxml_document_id = $1', [
      facts.documentId,
    ])
    t.equal(rowCount, 0)
  }
  const { rows } = await pool.query(
    `select detail from audit_event where detail->>'problem' = 'state-secret'`,
  )
  t.equal(rows.length, marked.length, 'the refusals are on record')
  t.notMatch(JSON.stringify(rows), /phương án|BC-BTN/, 'without the content')
  const everyday = {
    from: MINISTRY,
    to: [PROVINCE],
    documentId: newId(),
    subject: 'V/v BẢO MẬT thông tin, bí mật kinh doanh',
  }
  t.ok(await gateway.submit(MINISTRY, await documentPacket(everyday)), 'everyday words are no marks')
})

t.test('signatures give a legal value; a tampered document is refused', async (t) => {
  const signer = signingAgency({ ca: gateway.ca, name: 'Bộ Thử nghiệm', code: MINISTRY })
  const byPerson = await signer.signPdf(makePdf(['CÔNG VĂN đã ký']), 'person')
  const signed = await signer.signPdf(byPerson, 'agency')
  const packetWith = (bytes: Uint8Array) =>
    documentPacket({
      from: MINISTRY,
      to: [PROVINCE],
      documentId: newId(),
      attachments: [{ name: 'cv.pdf', type: 'application/pdf', bytes }],
    })
  t.equal((await gateway.submit(MINISTRY, await packetWith(signed))).claims.legalValue, 'agency-and-person')
  const tampered = Buffer.from(signed)
  const at = tampered.indexOf('endobj')
  tampered[at - 2] = tampered[at - 2] === 0x20 ? 0x0a : 0x20
  await t.rejects(gateway.submit(MINISTRY, await packetWith(tampered)), refusal('signature-invalid'))
})

t.test('statuses come in any order, repeated, late and unknown; each reaches the sender', async (t) => {
  const { document, documentId } = await sent(gateway, [COMMUNE_1])
  await gateway.deliverDue()
  const delivery = await deliveryTo(COMMUNE_1, document)
  await handOver(pool, own(COMMUNE_1, delivery))
  for (const [code, expected] of [
    ['05', '05'],
    ['01', '05'],
    ['03', '05'],
    ['42', '05'],
    ['06', '06'],
    ['05', '06'],
  ] as const) {
    const timestamp = `2026/11/20 08:00:${String(++serial % 60).padStart(2, '0')}`
    await gateway.submit(
      COMMUNE_1,
      statusPacket({ from: COMMUNE_1, to: MINISTRY, documentId, code, timestamp }),
    )
    t.equal((await findDelivery(pool, delivery))?.processingStatus, expected, `${code} -> ${expected}`)
  }
  await gateway.deliverDue()
  const told = (await inboxOf(MINISTRY))
    .filter(({ kind }) => kind === 'status')
    .map(({ statusCode }) => statusCode)
  t.same(told, ['05', '01', '03', '42', '06', '05'])
  await t.rejects(
    gateway.submit(COMMUNE_2, statusPacket({ from: COMMUNE_2, to: MINISTRY, documentId, code: '03' })),
    refusal('target-not-yours'),
    'who did not receive it reports nothing',
  )
})

t.test('a recall withdraws for certain before hand-over, and asks after it', async (t) => {
  const { document, documentId } = await sent(gateway, [PROVINCE, COMMUNE_1])
  await gateway.deliverDue()
  const atProvince = await deliveryTo(PROVINCE, document)
  const atCommune = await deliveryTo(COMMUNE_1, document)
  await handOver(pool, own(PROVINCE, atProvince))
  const recall = await documentPacket({
    from: MINISTRY,
    to: [PROVINCE, COMMUNE_1],
    documentId,
    business: { operation: 'recall', reason: 'Ban hành nhầm' },
  })
  const { claims } = await gateway.submit(MINISTRY, recall)
  t.same(claims.withdrawn, [{ agency: COMMUNE_1, name: 'Xã Một', delivery: atCommune }])
  t.same(claims.asked, [{ agency: PROVINCE, name: 'Tỉnh Thử nghiệm', delivery: atProvince }])
  t.same(
    claims.recipients.map(({ agency }) => agency),
    [PROVINCE],
    'who never got the document does not get its recall',
  )
  await t.rejects(handOver(pool, own(COMMUNE_1, atCommune)), refusal('delivery-withdrawn'))
  t.equal((await findDelivery(pool, atProvince))?.requestState, 'requested')
  await gateway.submit(PROVINCE, statusPacket({ from: PROVINCE, to: MINISTRY, documentId, code: '16' }))
  t.equal((await findDelivery(pool, atProvince))?.requestState, 'objected')
  await gateway.submit(PROVINCE, statusPacket({ from: PROVINCE, to: MINISTRY, documentId, code: '15' }))
  t.equal((await findDelivery(pool, atProvince))?.requestState, 'agreed')
})

t.test('status 13 from the sender recalls from one recipient', async (t) => {
  const { document, documentId } = await sent(gateway, [PROVINCE, COMMUNE_1])
  const { claims } = await gateway.submit(
    MINISTRY,
    statusPacket({ from: MINISTRY, to: COMMUNE_1, documentId, code: '13', description: 'Gửi nhầm nơi nhận' }),
  )
  t.same(
    claims.withdrawn.map(({ agency }) => agency),
    [COMMUNE_1],
  )
  t.same(await states(document), { [PROVINCE]: 'waiting', [COMMUNE_1]: 'withdrawn' })
})

t.test(
  'an update before hand-over takes the place of the document, which a recall then reaches',
  async (t) => {
    const { document, documentId } = await sent(gateway, [PROVINCE, COMMUNE_1])
    await gateway.deliverDue()
    await handOver(pool, own(PROVINCE, await deliveryTo(PROVINCE, document)))
    const update = await gateway.submit(
      MINISTRY,
      await documentPacket({
        from: MINISTRY,
        to: [PROVINCE, COMMUNE_1, COMMUNE_2],
        documentId,
        subject: 'V/v nội dung đã cập nhật',
        business: {
          operation: 'update',
          documentId: documentId as never,
          receivers: [{ organId: agencyCode(COMMUNE_2), change: 'added' }],
        },
      }),
    )
    t.same(await states(document), { [PROVINCE]: 'handed-over', [COMMUNE_1]: 'withdrawn' })
    t.same(Object.keys(await states(update.claims.document)), [PROVINCE, COMMUNE_1, COMMUNE_2])
    const recall = await gateway.submit(
      MINISTRY,
      await documentPacket({
        from: MINISTRY,
        to: [PROVINCE, COMMUNE_1, COMMUNE_2],
        documentId,
        business: { operation: 'recall' },
      }),
    )
    t.same(await states(update.claims.document), {
      [PROVINCE]: 'withdrawn',
      [COMMUNE_1]: 'withdrawn',
      [COMMUNE_2]: 'withdrawn',
    })
    t.same(
      recall.claims.recipients.map(({ agency }) => agency),
      [PROVINCE],
      'only who holds a version is asked',
    )
  },
)

t.test('a replacement withdraws what it replaces, for the agencies that it names', async (t) => {
  const { document, documentId } = await sent(gateway, [PROVINCE, COMMUNE_1])
  const { claims } = await gateway.submit(
    MINISTRY,
    await documentPacket({
      from: MINISTRY,
      to: [COMMUNE_1],
      documentId: newId(),
      business: {
        operation: 'replace',
        replacements: [{ documentId: documentId as never, organIds: [agencyCode(COMMUNE_1)] }],
      },
    }),
  )
  t.same(await states(document), { [PROVINCE]: 'waiting', [COMMUNE_1]: 'withdrawn' })
  t.same(
    claims.recipients.map(({ agency }) => agency),
    [COMMUNE_1],
  )
})

t.test(
  'fetch and recall race: either it was withdrawn and nobody has it, or it was fetched and asked for',
  async (t) => {
    for (let round = 0; round < 20; round++) {
      const { document, documentId } = await sent(gateway, [COMMUNE_2])
      await gateway.deliverDue()
      const delivery = await deliveryTo(COMMUNE_2, document)
      const recall = await documentPacket({
        from: MINISTRY,
        to: [COMMUNE_2],
        documentId,
        business: { operation: 'recall' },
      })
      const [fetched, recalled] = await Promise.allSettled([
        handOver(pool, own(COMMUNE_2, delivery)),
        gateway.submit(MINISTRY, recall),
      ])
      if (recalled.status === 'rejected') throw recalled.reason
      const { withdrawn, asked } = recalled.value.claims
      t.equal(withdrawn.length + asked.length, 1)
      t.equal(fetched.status === 'fulfilled', asked.length === 1)
    }
  },
)

t.test('inbox numbers have no gaps and appear in their order, under concurrency', async (t) => {
  const before = (await inboxOf(PROVINCE)).at(-1)?.number ?? 0
  const packets = await Promise.all(
    Array.from({ length: 40 }, () => documentPacket({ from: MINISTRY, to: [PROVINCE], documentId: newId() })),
  )
  await Promise.all(packets.map((packet) => gateway.submit(MINISTRY, packet)))
  await Promise.all([gateway.deliverDue(), gateway.deliverDue(), gateway.deliverDue()])
  const { rows } = await pool.query<{ inbox_number: number }>(
    'select inbox_number from delivery where recipient_code = $1 and inbox_number is not null order by 1',
    [PROVINCE],
  )
  t.same(
    rows.map((row) => row.inbox_number),
    rows.map((_row, index) => index + 1),
  )
  t.ok(before >= 0)
})

t.test('a recall that meets an update takes back whatever the recipients hold', async (t) => {
  for (let round = 0; round < 12; round++) {
    const { documentId } = await sent(gateway, [COMMUNE_1, COMMUNE_2])
    await gateway.deliverDue()
    const change = (operation: 'update' | 'recall') =>
      documentPacket({ from: MINISTRY, to: [COMMUNE_1, COMMUNE_2], documentId, business: { operation } })
    const [update, recall] = await Promise.all([
      gateway.submit(MINISTRY, await change('update')),
      gateway.submit(MINISTRY, await change('recall')),
    ])
    t.equal(recall.claims.withdrawn.length, 2, 'the recall withdrew a version from each')
    const versions = Object.values(await states(update.claims.document))
    const before = update.claims.acceptedAt < recall.claims.acceptedAt
    if (before) t.same(versions, ['withdrawn', 'withdrawn'], 'the update that came before it too')
  }
})

t.test('of two updates at once the recipient is left with one', async (t) => {
  for (let round = 0; round < 10; round++) {
    const { documentId } = await sent(gateway, [COMMUNE_1])
    const update = (subject: string) =>
      documentPacket({
        from: MINISTRY,
        to: [COMMUNE_1],
        documentId,
        subject,
        business: { operation: 'update' },
      })
    const both = await Promise.all([
      gateway.submit(MINISTRY, await update('V/v cập nhật lần một')),
      gateway.submit(MINISTRY, await update('V/v cập nhật lần hai')),
    ])
    const left = await Promise.all(
      both.map(async ({ claims }) => Object.values(await states(claims.document))),
    )
    t.same(left.flat().sort(), ['waiting', 'withdrawn'])
  }
})

t.test('replacements of the same documents in different orders do not lock each other out', async (t) => {
  const [x, y] = [await sent(gateway, [COMMUNE_1]), await sent(gateway, [COMMUNE_1])]
  const replace = (...ids: string[]) =>
    documentPacket({
      from: MINISTRY,
      to: [COMMUNE_1],
      documentId: newId(),
      business: {
        operation: 'replace',
        replacements: ids.map((id) => ({ documentId: edxmlDocumentId(id), organIds: [] })),
      },
    })
  const orders = Array.from({ length: 16 }, (_, index) =>
    index % 2 ? [x.documentId, y.documentId] : [y.documentId, x.documentId],
  )
  const packets = await Promise.all(orders.map((ids) => replace(...ids)))
  const outcomes = await Promise.allSettled(packets.map((packet) => gateway.submit(MINISTRY, packet)))
  t.same(
    outcomes.filter(({ status }) => status === 'rejected'),
    [],
  )
})

t.test('agencies that have closed are taken back from, report, and are told', async (t) => {
  const closing = async (code: string, closed: boolean) =>
    setLifetime(pool, code, closed ? '2026-01-01' : null)
  const { document, documentId } = await sent(gateway, [COMMUNE_1, COMMUNE_2])
  await gateway.deliverDue()
  await handOver(pool, own(COMMUNE_2, await deliveryTo(COMMUNE_2, document)))
  try {
    await closing(COMMUNE_1, true)
    await closing(COMMUNE_2, true)
    const status = statusPacket({ from: COMMUNE_2, to: MINISTRY, documentId, code: '03' })
    t.ok(await gateway.submit(COMMUNE_2, status), 'a closed recipient reports on what it was sent')
    const fresh = { from: COMMUNE_2, to: [MINISTRY], documentId: 'H90.32,2026/11/20,77/UBND' }
    await t.rejects(gateway.submit(COMMUNE_2, await documentPacket(fresh)), refusal('sender-closed'))
    const recall = await documentPacket({
      from: MINISTRY,
      to: [COMMUNE_1, COMMUNE_2],
      documentId,
      business: { operation: 'recall' },
    })
    const { claims, warnings } = await gateway.submit(MINISTRY, recall)
    t.same(
      claims.withdrawn.map(({ agency }) => agency),
      [COMMUNE_1],
      'what a closed recipient had not fetched is withdrawn',
    )
    t.same(
      warnings.filter(({ code }) => code === 'holder-not-told').map(({ found }) => found),
      [COMMUNE_2],
    )
  } finally {
    await closing(COMMUNE_1, false)
    await closing(COMMUNE_2, false)
  }
  const old = await sent(gateway, [PROVINCE])
  await closing(MINISTRY, true)
  try {
    const status = statusPacket({ from: PROVINCE, to: MINISTRY, documentId: old.documentId, code: '06' })
    t.ok(await gateway.submit(PROVINCE, status), 'a closed sender is still told')
  } finally {
    await closing(MINISTRY, false)
  }
})

t.test('a key that came with a repeat stands for that packet', async (t) => {
  const first = await documentPacket({ from: MINISTRY, to: [PROVINCE], documentId: newId() })
  const second = await documentPacket({ from: MINISTRY, to: [PROVINCE], documentId: newId() })
  await gateway.submit(MINISTRY, first)
  t.equal((await gateway.submit(MINISTRY, first, 'key-of-repeat')).replayed, true)
  await t.rejects(gateway.submit(MINISTRY, second, 'key-of-repeat'), refusal('idempotency-key-reused'))
})

t.test("somebody else's seal gives no legal value", async (t) => {
  const ministry = signingAgency({ ca: gateway.ca, name: 'Bộ Thử nghiệm', code: MINISTRY })
  const signed = await ministry.signPdf(
    await ministry.signPdf(makePdf(['CÔNG VĂN của Bộ']), 'person'),
    'agency',
  )
  const packet = await documentPacket({
    from: COMMUNE_1,
    to: [PROVINCE],
    documentId: 'H90.31,2026/11/20,55/UBND',
    attachments: [{ name: 'cv.pdf', type: 'application/pdf', bytes: signed }],
  })
  const { claims } = await gateway.submit(COMMUNE_1, packet)
  t.equal(claims.legalValue, 'reference-only')
  const { rows } = await pool.query<{ failed: number }>(
    `select jsonb_array_length(jsonb_path_query_array(signature_report,
        '$.findings[*].checks[*] ? (@.check == "signer-is-sender" && @.outcome == "failed")')) as failed
      from document where id = $1`,
    [claims.document],
  )
  t.equal(rows[0]?.failed, 2, 'and the report says why')
})

t.test(
  'a stamp is found on every page, behind a prefix, and in plain text; what is not read is said',
  async (t) => {
    const withFile = (bytes: Uint8Array, name = 'a.bin') =>
      documentPacket({
        from: MINISTRY,
        to: [PROVINCE],
        documentId: newId(),
        attachments: [{ name, type: 'application/octet-stream', bytes }],
      })
    const stamp = makePdf(['TUYỆT MẬT', 'Phương án'])
    const prefixed = Buffer.concat([Buffer.from('GIF89a\n'), stamp])
    await t.rejects(gateway.submit(MINISTRY, await withFile(prefixed)), refusal('state-secret'))
    await t.rejects(
      gateway.submit(MINISTRY, await withFile(Buffer.from('TUYỆT MẬT\nPhương án'), 'a.txt')),
      refusal('state-secret'),
    )
    const broken = await gateway.submit(MINISTRY, await withFile(Buffer.from('%PDF-1.7\nhỏng'), 'a.pdf'))
    t.match(broken.warnings, [{ code: 'text-layer-not-read' }])
  },
)

t.test('of a large packet it is said whether there is a signature, not that there is one', async (t) => {
  const packet = await documentPacket({
    from: MINISTRY,
    to: [PROVINCE],
    documentId: newId(),
    attachments: [
      { name: 'a.bin', type: 'application/octet-stream', bytes: Buffer.alloc(13 * 1024 * 1024, 1) },
    ],
  })
  t.equal((await gateway.submit(MINISTRY, packet)).claims.envelopeSignature, 'absent')
  const signed = packet
    .toString()
    .replace(
      '</edXML:edXMLHeader>',
      '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature></edXML:edXMLHeader>',
    )
  const other = signed.replaceAll(/,(\d+)\/BTN-VP/g, ',9$1/BTN-VP')
  t.equal((await gateway.submit(MINISTRY, other)).claims.envelopeSignature, 'unverifiable')
})
