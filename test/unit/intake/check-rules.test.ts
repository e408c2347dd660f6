import { Readable } from 'node:stream'
import t from 'tap'
import { discardingStage } from '../../../src/blobs/memory-stage.ts'
import type { Attachment, DocumentEnvelope } from '../../../src/domain/envelope.ts'
import { agencyCode, sha256 } from '../../../src/domain/identifiers.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import { DEFAULT_LIMITS, parsePacket } from '../../../src/edxml/parse-packet.ts'
import { checkRules, ruleFaults, stateSecret } from '../../../src/intake/check-rules.ts'
import type { ParsedDocument } from '../../../src/intake/submission.ts'
import { documentPacket } from '../../support/packets.ts'

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
  codeNumber: '12',
  codeNotation: 'BC-BTN',
  subject: 'Báo cáo công tác bảo vệ bí mật nhà nước',
  content: 'Tăng cường bảo mật',
  documentType: { typeName: 'Báo cáo' },
  toPlaces: [],
  appendixes: ['Phụ lục I'],
  responseFor: [],
  trace: [],
  business: { operation: 'new', receivers: [], replacements: [] },
  attachments: [attachment],
}

const bytes = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,12/BC-BTN' })
const packet = await parsePacket(Readable.from([bytes]), discardingStage(), DEFAULT_LIMITS)

const parsed = (envelope: ParsedDocument['envelope']): ParsedDocument => ({
  caller: { clientId: 'dms-G90', role: 'agency', agency: agencyCode('G90') },
  idempotencyKey: undefined,
  stage: discardingStage(),
  packet: packet.packet,
  parsed: packet,
  envelope,
  warnings: [],
})

const refusalOf = (envelope: DocumentEnvelope): GatewayError | undefined => {
  try {
    checkRules(parsed(envelope))
    return undefined
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

t.test('a mark of secrecy is refused wherever a clerk puts it', async (t) => {
  t.equal(refusalOf(everyday), undefined)
  const secret: Record<string, Partial<DocumentEnvelope>> = {
    subject: { subject: 'Kế hoạch 2027 (Mật)' },
    content: { content: 'MẬT - kế hoạch 2027' },
    'kind of document': { documentType: { typeName: 'Kế hoạch (Mật)' } },
    appendix: { appendixes: ['Phụ lục I', 'Phụ lục II (Mật)'] },
    notation: { codeNotation: 'KH-BTN-M' },
    'notation within the number': { codeNumber: '12/KH-BTN-M' },
    'name of an attachment': {
      attachments: [attachment, { ...attachment, name: 'kế hoạch 2027 (Mật).pdf' }],
    },
    'description of an attachment': { attachments: [{ ...attachment, description: 'Mật: kế hoạch 2027' }] },
  }
  for (const [where, part] of Object.entries(secret)) {
    const refusal = refusalOf({ ...everyday, ...part })
    t.equal(refusal?.code, 'state-secret', where)
    t.notMatch(
      JSON.stringify([refusal?.message, refusal?.detail, refusal?.faults]),
      /2027|KH-BTN/,
      'nothing of the content',
    )
  }
})

t.test('every mark is a fault at its place', async (t) => {
  const marked: DocumentEnvelope = {
    ...everyday,
    subject: 'Kế hoạch 2027 (Mật)',
    appendixes: ['Phụ lục I', 'Phụ lục II (Tối mật)'],
    attachments: [attachment, { ...attachment, name: 'kế hoạch 2027 (Mật).pdf' }],
  }
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
    { path: '/edXML/AttachmentEncoded/Attachment[2]/AttachmentName', found: 'MẬT' },
  ])
  t.equal(told.length, 3)
  t.strictSame(refusalOf(marked)?.faults, told, 'the gateway tells the same')
  t.strictSame(ruleFaults(everyday), [])
})

t.test('a sender is told how to write what is no mark, where it can be written otherwise', async (t) => {
  t.match(stateSecret({ mark: 'MẬT', where: 'subject' }).detail, {
    vi: /viết chữ thường/,
    en: /small letters/,
  })
  t.notMatch(stateSecret({ mark: 'MẬT', where: 'text-layer' }).detail, { vi: /viết chữ thường/ })
})
