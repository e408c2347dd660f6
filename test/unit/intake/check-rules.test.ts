import { Readable } from 'node:stream'
import t from 'tap'
import { discardingStage } from '../../../src/blobs/memory-stage.ts'
import type { Attachment, DocumentEnvelope } from '../../../src/domain/envelope.ts'
import { agencyCode, edxmlDocumentId, sha256 } from '../../../src/domain/identifiers.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import { buildDocumentPacket } from '../../../src/edxml/build/build-document-packet.ts'
import { DEFAULT_LIMITS, type ParsedPacket, parsePacket } from '../../../src/edxml/parse-packet.ts'
import { checkRules, ruleFaults, stateSecret } from '../../../src/intake/check-rules.ts'
import type { ParsedDocument } from '../../../src/intake/submission.ts'
import { documentPacket, statusPacket } from '../../support/packets.ts'

const attachment: Attachment = {
  contentId: 'a',
  name: 'Báo cáo bảo mật.pdf',
  description: 'Báo cáo',
  sha256: sha256('a'.repeat(64)),
  length: 1,
}
const everyday: DocumentEnvelope = {
  kind: 'document',
  from: { organId: agencyCode('G90') },
  to: [{ organId: agencyCode('H90') }],
  documentId: edxmlDocumentId('G90,2026/11/20,12/BC-BTN'),
  codeNumber: '12',
  codeNotation: 'BC-BTN',
  place: 'Hà Nội',
  promulgationDate: '2026/11/20',
  signer: { fullName: 'Nguyễn Văn Thử' },
  subject: 'Báo cáo công tác bảo vệ bí mật nhà nước',
  content: 'Tăng cường bảo mật',
  documentType: { type: 2, typeName: 'Báo cáo' },
  toPlaces: [],
  appendixes: ['Phụ lục I'],
  responseFor: [],
  trace: [],
  business: { operation: 'new', receivers: [], replacements: [] },
  attachments: [attachment],
}

/** The packet that says this, as it is read at the door. */
async function packetOf(envelope: DocumentEnvelope): Promise<ParsedPacket> {
  const files = envelope.attachments.map(({ name, description }) => ({
    name,
    description,
    contentType: 'application/pdf',
    read: () => Readable.from([Buffer.from('%PDF-1.7')]),
  }))
  return parsePacket(buildDocumentPacket(envelope, files), discardingStage(), DEFAULT_LIMITS)
}

const parsed = (packet: ParsedPacket): ParsedDocument => ({
  caller: { clientId: 'dms-G90', role: 'agency', agency: agencyCode('G90') },
  idempotencyKey: undefined,
  brokenSignatures: 'refuse',
  serves: undefined,
  handedInFor: undefined,
  fromGateway: undefined,
  stage: discardingStage(),
  packet: packet.packet,
  parsed: packet,
  envelope: packet.envelope,
  warnings: [],
})

const refusalOf = (packet: ParsedPacket): GatewayError | undefined => {
  try {
    checkRules(parsed(packet))
    return undefined
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

t.test('a mark of secrecy is refused wherever a clerk puts it', async (t) => {
  t.equal(refusalOf(await packetOf(everyday)), undefined)
  const secret: Record<string, Partial<DocumentEnvelope>> = {
    subject: { subject: 'Kế hoạch 2027 (Mật)' },
    content: { content: 'MẬT - kế hoạch 2027' },
    'kind of document': { documentType: { type: 2, typeName: 'Kế hoạch (Mật)' } },
    appendix: { appendixes: ['Phụ lục I', 'Phụ lục II (Mật)'] },
    notation: { codeNotation: 'KH-BTN-M' },
    'notation within the number': { codeNumber: '12/KH-BTN-M' },
    'id of the document': { documentId: edxmlDocumentId('G90,2026/11/20,12/KH-BTN-M') },
    'name of an agency': { to: [{ organId: agencyCode('H90'), organName: 'Phòng Cơ yếu (TỐI MẬT)' }] },
    'position of the signer': { signer: { position: '(TUYỆT MẬT)', fullName: 'Nguyễn Văn Thử' } },
    'name of an attachment': {
      attachments: [attachment, { ...attachment, name: 'kế hoạch 2027 (Mật).pdf' }],
    },
    'description of an attachment': { attachments: [{ ...attachment, description: 'Mật: kế hoạch 2027' }] },
  }
  for (const [where, part] of Object.entries(secret)) {
    const refusal = refusalOf(await packetOf({ ...everyday, ...part }))
    t.equal(refusal?.code, 'state-secret', where)
    t.notMatch(
      JSON.stringify([refusal?.message, refusal?.detail, refusal?.faults]),
      /2027|KH-BTN/,
      'nothing of the content',
    )
  }
})

t.test(
  'unknown elements and status packets are looked at too; the name of a person is no mark',
  async (t) => {
    const read = (text: string) =>
      parsePacket(Readable.from([Buffer.from(text)]), discardingStage(), DEFAULT_LIMITS)
    const plain = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,12/BC-BTN' })
    const level = '<edXML:SecurityLevel>TUYỆT MẬT</edXML:SecurityLevel></edXML:MessageHeader>'
    const unknown = plain.toString().replace('</edXML:MessageHeader>', level)
    t.equal(refusalOf(await read(unknown))?.code, 'state-secret')
    const inherited = plain
      .toString()
      .replace('</edXML:MessageHeader>', '<edXML:constructor>a</edXML:constructor></edXML:MessageHeader>')
    t.equal(refusalOf(await read(inherited)), undefined, 'whatever the name of the element')
    const named = plain.toString().replace('Nguyễn Văn Thử', 'NGUYỄN VĂN MẬT')
    t.not(named, plain.toString())
    t.equal(refusalOf(await read(named)), undefined)
    const status = statusPacket({
      from: 'H90',
      to: 'G90',
      documentId: 'x',
      code: '02',
      description: 'TỐI MẬT',
    })
    t.equal(refusalOf(await read(Buffer.from(status).toString()))?.code, 'state-secret')
  },
)

t.test('every mark is a fault at its place', async (t) => {
  const marked = await packetOf({
    ...everyday,
    subject: 'Kế hoạch 2027 (Mật)',
    appendixes: ['Phụ lục I', 'Phụ lục II (Tối mật)'],
  })
  const message = '/edXML/edXMLEnvelope/edXMLHeader/MessageHeader'
  const told = ruleFaults(marked)
  t.match(told, [
    {
      code: 'state-secret',
      severity: 'error',
      path: `${message}/Subject`,
      found: 'MẬT',
      hint: { vi: String },
    },
    { path: `${message}/OtherInfo/Appendixes/Appendix[2]`, found: 'TỐI MẬT' },
  ])
  t.equal(told.length, 2)
  t.strictSame(refusalOf(marked)?.faults, told, 'the gateway tells the same')
  t.strictSame(ruleFaults(await packetOf(everyday)), [])
})

t.test('a sender is told how to write what is no mark, where it can be written otherwise', async (t) => {
  t.match(stateSecret({ mark: 'MẬT', where: 'subject' }).detail, {
    vi: /viết chữ thường/,
    en: /small letters/,
  })
  t.notMatch(stateSecret({ mark: 'MẬT', where: 'text-layer' }).detail, { vi: /viết chữ thường/ })
})
