import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { diag, XmlDocument, XsdValidator } from 'libxml2-wasm'
import t from 'tap'
import { memoryStage } from '../../../src/blobs/memory-stage.ts'
import type { DocumentEnvelope, Organ, StatusEnvelope } from '../../../src/domain/envelope.ts'
import { agencyCode, edxmlDocumentId } from '../../../src/domain/identifiers.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import {
  type AttachmentInput,
  buildDocumentPacket,
  type DocumentInput,
} from '../../../src/edxml/build/build-document-packet.ts'
import { buildStatusPacket } from '../../../src/edxml/build/build-status-packet.ts'
import { judge, vector } from './vectors.ts'

diag.configure({ enabled: true })

/** Whether XML follows one of the project's schemas: undefined, or what is wrong. */
function schemaFault(schema: 'edxml-document' | 'edxml-status', xml: Uint8Array): string | undefined {
  const xsd = XmlDocument.fromBuffer(readFileSync(new URL(`../../../schemas/${schema}.xsd`, import.meta.url)))
  const validator = XsdValidator.fromDoc(xsd)
  const document = XmlDocument.fromBuffer(xml)
  try {
    validator.validate(document)
    return undefined
  } catch (error) {
    return String(error)
  } finally {
    document.dispose()
    validator.dispose()
    xsd.dispose()
  }
}

const collect = (packet: AsyncIterable<Uint8Array>): Promise<Buffer> => buffer(Readable.from(packet))

const file = (name: string, contentType: string, ...chunks: Uint8Array[]): AttachmentInput => ({
  name,
  contentType,
  async *read() {
    yield* chunks
  },
})

const PDF = file('12-SKH-TH.pdf', 'application/pdf', Buffer.from('%PDF-1.4'), Buffer.from('\n%%EOF\n'))

const DOCUMENT: DocumentInput = {
  from: { organId: agencyCode('H99.01'), organName: 'Sở Kế hoạch tỉnh Bình An' },
  to: [{ organId: agencyCode('H99.02') }],
  documentId: edxmlDocumentId('H99.01,2026/01/05,12/SKH-TH'),
  codeNumber: '12',
  codeNotation: 'SKH-TH',
  place: 'Bình An',
  promulgationDate: '2026/01/05',
  documentType: { type: 2, typeName: 'Công văn' },
  subject: 'V/v chuẩn bị lễ hội',
  signer: { fullName: 'Trần Thị Mẫu' },
}

const STATUS: Omit<StatusEnvelope, 'kind'> = {
  from: { organId: agencyCode('H99.02') },
  responseFor: { organId: agencyCode('H99.01'), documentId: edxmlDocumentId('H99.01,2026/01/05,12/SKH-TH') },
  statusCode: '03',
  timestamp: '2026/01/05 09:15:00',
}

/** Text as a clerk might type it: no forbidden characters, trimmed, with every character that needs escaping. */
const text = (max: number) =>
  fc
    .string({
      unit: fc.oneof(fc.constantFrom(...'&<>"\'] ăđỗ\n'), fc.string({ unit: 'grapheme', maxLength: 1 })),
      maxLength: max,
    })
    .map((value) => value.replace(/[^\t\n\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '').trim())
    .filter((value) => value !== '' && [...value].length <= max)
const code = fc.stringMatching(/^[A-Z0-9]{1,5}(\.[A-Z0-9]{1,5}){0,3}$/).filter((value) => value !== 'NULL')
const date = fc
  .date({ min: new Date('1976-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((value) => value.toISOString().slice(0, 10).replaceAll('-', '/'))
const time = date.map((value) => `${value} 23:59:59`)
const maybe = { requiredKeys: [] as [] }
const documentId = text(40).map(edxmlDocumentId)

const organ = fc.record(
  {
    organId: code.map(agencyCode),
    organizationInCharge: text(200),
    organName: text(200),
    organAdd: text(250),
    email: text(100),
    telephone: text(20),
    fax: text(20),
    website: text(100),
  },
  { requiredKeys: ['organId'] },
)
const staff = fc
  .record({ department: text(30), staff: text(30), mobile: text(12), email: text(30) }, maybe)
  .filter((value) => Object.keys(value).length > 0)
const responseFor = fc.record(
  { organId: code.map(agencyCode), code: text(42), promulgationDate: date, documentId },
  { requiredKeys: ['documentId'] },
)
const unique = { selector: ({ organId }: Pick<Organ, 'organId'>) => organId }
const business = fc.record(
  {
    operation: fc.constantFrom('new', 'recall', 'update', 'replace'),
    reason: text(50),
    documentId,
    updates: fc.record({ documentInfo: fc.boolean(), documentReceiver: fc.boolean() }),
    receivers: fc.array(
      fc.record({ organId: code.map(agencyCode), change: fc.constantFrom('removed', 'added') }),
      {
        maxLength: 3,
      },
    ),
    staff,
    paper: fc.constantFrom('0', '1'),
    replacements: fc.uniqueArray(
      fc.record({ documentId, organIds: fc.uniqueArray(code.map(agencyCode), { maxLength: 3 }) }),
      { minLength: 1, maxLength: 3, selector: ({ documentId }) => documentId },
    ),
  },
  { requiredKeys: ['operation', 'updates', 'receivers', 'replacements'] },
)
const count = fc.nat(999)
const document = fc.record(
  {
    kind: fc.constant('document'),
    from: organ,
    to: fc.uniqueArray(organ, { minLength: 1, maxLength: 4, ...unique }),
    documentId,
    codeNumber: text(11),
    codeNotation: text(30),
    place: text(50),
    promulgationDate: date,
    documentType: fc.record(
      { type: count, typeDetail: fc.integer({ min: -1, max: 99 }), typeName: text(100) },
      { requiredKeys: ['type', 'typeName'] },
    ),
    subject: text(500),
    content: text(500),
    signer: fc.record(
      { competence: text(10), position: text(100), fullName: text(50) },
      { requiredKeys: ['fullName'] },
    ),
    dueDate: date,
    toPlaces: fc.array(text(150), { maxLength: 3 }),
    priority: fc.nat(4),
    sphereOfPromulgation: text(100),
    typerNotation: text(10),
    promulgationAmount: count,
    pageAmount: count,
    appendixes: fc.array(text(80), { maxLength: 2 }),
    responseFor: fc.array(responseFor, { maxLength: 2 }),
    steeringType: fc.nat(3),
    trace: fc.array(fc.record({ organId: code, timestamp: time }), { maxLength: 3 }),
    business,
  },
  {
    requiredKeys: [
      ...([
        'kind',
        'from',
        'to',
        'documentId',
        'codeNumber',
        'codeNotation',
        'place',
        'promulgationDate',
      ] as const),
      ...(['documentType', 'subject', 'signer', 'toPlaces', 'appendixes', 'responseFor', 'trace'] as const),
      'business',
    ],
  },
)

t.test(
  'what is built is read as the same facts, follows the schema, and is the same bytes again',
  async () => {
    const files = fc.array(
      fc.record({
        name: text(60),
        chunks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1 }),
      }),
      { maxLength: 3 },
    )
    await fc.assert(
      fc.asyncProperty(document, files, async (drawn, contents) => {
        const facts = structuredClone(drawn)
        const inputs = contents.map(({ name, chunks }) => file(name, 'application/octet-stream', ...chunks))
        const xml = await collect(buildDocumentPacket(facts as DocumentInput, inputs))
        assert.deepEqual(
          await collect(buildDocumentPacket(facts as DocumentInput, inputs)),
          xml,
          'the same bytes',
        )
        assert.equal(schemaFault('edxml-document', xml), undefined, 'follows the schema')
        const stage = memoryStage()
        const { accepted, faults, parsed } = await judge(xml, {}, stage)
        assert.ok(accepted, JSON.stringify(faults))
        const { attachments, ...read } = parsed!.envelope as DocumentEnvelope
        assert.deepEqual(read, facts, 'the same facts')
        const bytes = await Promise.all(attachments.map(({ sha256 }) => buffer(stage.read(sha256))))
        assert.deepEqual(
          bytes,
          contents.map(({ chunks }) => Buffer.concat(chunks)),
          'the same files',
        )
        assert.deepEqual(
          attachments.map(({ name }) => name),
          contents.map(({ name }) => name),
        )
      }),
      { numRuns: 100 },
    )
  },
)

t.test('a status is read as the same facts and follows the schema', async () => {
  const status = fc.record(
    {
      kind: fc.constant('status'),
      from: organ,
      responseFor: fc.record(
        { organId: code.map(agencyCode), code: text(60), promulgationDate: text(12), documentId },
        { requiredKeys: ['organId', 'documentId'] },
      ),
      statusCode: fc.stringMatching(/^\d\d$/),
      description: text(500),
      timestamp: time,
      staff,
    },
    { requiredKeys: ['kind', 'from', 'responseFor', 'statusCode', 'timestamp'] },
  )
  await fc.assert(
    fc.asyncProperty(status, async (drawn) => {
      const facts = structuredClone(drawn)
      const xml = buildStatusPacket(facts)
      assert.deepEqual(buildStatusPacket(facts), xml)
      assert.equal(schemaFault('edxml-status', xml), undefined)
      assert.deepEqual((await judge(xml)).parsed!.envelope, facts)
    }),
    { numRuns: 100 },
  )
})

t.test('prefixes stand as national receivers compare them', async (t) => {
  const xml = (await collect(buildDocumentPacket(DOCUMENT, [PDF]))).toString()
  const names = [...xml.matchAll(/<([\w:]+)/g)].map(([, name]) => name!)
  const unprefixed = [
    'edXML',
    'AttachmentEncoded',
    'Attachment',
    'ContentId',
    'AttachmentName',
    'ContentType',
  ]
  t.strictSame(
    names.filter((name) => !name.startsWith('edXML:')),
    unprefixed,
  )
  t.match(xml, /<edXML:edXMLEnvelope xmlns:edXML="[^"]+">/)
  t.match(xml, /<edXML:ContentTransferEncoded xmlns:edXML="[^"]+">JVBERi0xLjQKJSVFT0YK<\/edXML:/)
  const order = [...xml.matchAll(/^ {8}<edXML:(\w+)>/gm)].map(([, name]) => name)
  t.strictSame(order.slice(0, 8), [
    ...['From', 'To', 'Code', 'PromulgationInfo', 'DocumentType', 'Subject', 'SignerInfo', 'DocumentId'],
  ])
})

const faultsOf = (build: () => unknown): readonly { code: string; path?: string; severity: string }[] => {
  try {
    build()
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'request-invalid') return error.faults
    throw error
  }
  return []
}
const codes = (build: () => unknown): string[] => faultsOf(build).map(({ code }) => code)

t.test('what must not be written is refused before the first byte, all faults at once', async (t) => {
  const { from, to } = DOCUMENT
  t.strictSame(
    faultsOf(() => buildDocumentPacket({ from, to }, [])).map(({ path }) => path?.replace(/^.*\//, '')),
    ['Code', 'PromulgationInfo', 'DocumentType', 'Subject', 'SignerInfo', 'DocumentId'],
    'what the standard wants is missing',
  )
  const refused = (change: Partial<DocumentInput>, files: AttachmentInput[] = []) =>
    codes(() => buildDocumentPacket({ ...DOCUMENT, ...change }, files))
  t.strictSame(refused({}), [])
  t.strictSame(refused({ subject: 'a\0b', place: 'c\ud800d' }), [
    'character-forbidden',
    'character-forbidden',
  ])
  t.strictSame(refused({ subject: 'a\uffffb' }), ['character-forbidden'])
  t.strictSame(refused({ subject: 'a'.repeat(501) }), ['value-too-long'])
  t.strictSame(refused({ promulgationDate: '2026-01-05' }), ['date-malformed'])
  t.strictSame(refused({ priority: 7, pageAmount: 1.5 }).sort(), ['integer-malformed', 'priority-unknown'])
  t.strictSame(refused({ to: [...to, ...to] }), ['recipient-repeated'])
  t.strictSame(refused({ to: [] }), ['element-missing'])
  t.strictSame(
    refused({ to: [{ organId: agencyCode('') }, ...to] }),
    [],
    'an empty recipient is no recipient',
  )
  t.strictSame(refused({ business: { operation: 'replace' } }), ['replacement-missing'])
  t.strictSame(refused({}, [file('a.docx', 'application/zip')]), ['content-type-would-unzip'])
  t.strictSame(refused({}, [file('a.zip', 'application/zip')]), [])
  const twice = { ...PDF, contentId: 'cid:a' }
  t.strictSame(refused({}, [twice, { ...twice, contentId: 'a' }]), ['content-id-repeated'])
  t.strictSame(refused({}, [{ ...PDF, name: 'a\u0007.pdf' }]), ['character-forbidden', 'character-forbidden'])
  t.ok(faultsOf(() => buildDocumentPacket({ from, to }, [])).every(({ severity }) => severity === 'error'))
  await t.rejects(collect(buildDocumentPacket(DOCUMENT, [file('a.pdf', 'application/pdf')])), {
    code: 'request-invalid',
    faults: [{ code: 'attachment-empty' }],
  })
})

t.test('a status for a document that is itself odd can still be told', async (t) => {
  const odd = { ...STATUS.responseFor, promulgationDate: '2026-01-05T00:00:00Z', code: 'x'.repeat(60) }
  t.strictSame(
    codes(() => buildStatusPacket({ ...STATUS, responseFor: odd })),
    [],
  )
  t.strictSame(
    codes(() => buildStatusPacket({ ...STATUS, statusCode: '3' })),
    ['status-code-malformed'],
  )
  t.strictSame(
    codes(() => buildStatusPacket({ ...STATUS, responseFor: {} })),
    ['element-missing'],
  )
})

t.test('the schemas refuse what they are there to refuse', async (t) => {
  t.equal(schemaFault('edxml-document', vector('valid/edxml/document-new-order-b')), undefined)
  t.match(schemaFault('edxml-document', vector('valid/edxml/document-new-order-a')), /not expected/)
  t.match(schemaFault('edxml-document', vector('valid/edxml/date-iso--date-malformed')), /PromulgationDate/)
  t.match(schemaFault('edxml-document', vector('invalid/edxml/attachment-missing--other-id')), /key-sequence/)
  t.match(schemaFault('edxml-document', vector('invalid/edxml/content-id-repeated')), /key-sequence/)
  t.match(
    schemaFault('edxml-document', vector('valid/edxml/recipient-repeated--recipient-repeated')),
    /key-sequence/,
  )
  t.equal(schemaFault('edxml-status', vector('valid/edxml/status-03')), undefined)
  t.match(schemaFault('edxml-status', vector('invalid/edxml/status-code-malformed')), /StatusCode/)
})

t.test('a large attachment is streamed as it is asked for', async (t) => {
  let made = 0
  const large: AttachmentInput = {
    name: 'lon.bin',
    contentType: 'application/octet-stream',
    async *read() {
      for (; made < 100; made += 1) yield Buffer.alloc(100_000, made)
    },
  }
  let length = 0
  for await (const chunk of buildDocumentPacket(DOCUMENT, [large])) {
    length += chunk.length
    if (length < 1_000_000) t.ok(made < 10, 'nothing is made ahead')
  }
  t.ok(length > 13_000_000)
})

t.test('every libxml2 document was disposed', async (t) => {
  t.strictSame(diag.report(), {})
})
