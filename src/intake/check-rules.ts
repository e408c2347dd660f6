import type { Bilingual } from '../domain/bilingual.ts'
import type { DocumentEnvelope, Envelope } from '../domain/envelope.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import {
  type SecrecyFinding,
  secrecyInFileName,
  secrecyInNotation,
  secrecyInSubject,
} from '../domain/secrecy.ts'
import type { ParsedDocument, PermittedDocument } from './submission.ts'

/**
 * Rules that need nothing but the packet itself.
 * @throws GatewayError `state-secret`, with every mark as a fault
 */
export function checkRules(document: ParsedDocument): PermittedDocument {
  const marks = document.envelope.kind === 'status' ? [] : marksIn(document.envelope)
  const [first] = marks
  if (first !== undefined) throw stateSecret(first.finding, marks.map(faultOf))
  return { ...document, permitted: true }
}

/** The rules as faults, for whoever only wants to know. */
export const ruleFaults = (envelope: Envelope): Fault[] =>
  envelope.kind === 'status' ? [] : marksIn(envelope).map(faultOf)

interface Mark {
  /** XPath of the text that bears it. */
  readonly path: string
  readonly finding: SecrecyFinding
}

const MESSAGE = '/edXML/edXMLEnvelope/edXMLHeader/MessageHeader'

/** The marks of secrecy in every text of the envelope where clerks put one. */
function marksIn(envelope: DocumentEnvelope): Mark[] {
  const { subject, content, documentType, codeNumber, codeNotation, appendixes, attachments } = envelope
  const judged: [path: string, text: string | undefined, judge: typeof secrecyInSubject][] = [
    [`${MESSAGE}/Subject`, subject, secrecyInSubject],
    [`${MESSAGE}/Content`, content, secrecyInSubject],
    [`${MESSAGE}/DocumentType/TypeName`, documentType?.typeName, secrecyInSubject],
    [`${MESSAGE}/Code/CodeNotation`, codeNotation, secrecyInNotation],
    // Some senders put the whole `number/notation` here.
    [`${MESSAGE}/Code/CodeNumber`, codeNumber, secrecyInNotation],
  ]
  appendixes.forEach((text, index) => {
    judged.push([`${MESSAGE}/OtherInfo/Appendixes/Appendix[${index + 1}]`, text, secrecyInSubject])
  })
  attachments.forEach(({ name, description }, index) => {
    const path = `/edXML/AttachmentEncoded/Attachment[${index + 1}]`
    judged.push([`${path}/AttachmentName`, name, secrecyInFileName])
    judged.push([`${path}/Description`, description, secrecyInSubject])
  })
  return judged.flatMap(([path, text, judge]) => {
    const finding = text ? judge(text) : undefined
    return finding === undefined ? [] : [{ path, finding }]
  })
}

/** Tells the mark and its place, nothing of the text around it. */
const faultOf = ({ path, finding }: Mark): Fault => ({
  code: 'state-secret',
  severity: 'error',
  path,
  found: finding.mark,
  hint: words(finding),
})

const PLACES: Record<SecrecyFinding['where'], { vi: string; en: string }> = {
  subject: { vi: 'trích yếu hoặc nội dung mô tả', en: 'the subject or another description' },
  notation: { vi: 'ký hiệu', en: 'the notation' },
  'file-name': { vi: 'tên tệp đính kèm', en: 'the name of an attachment' },
  'text-layer': { vi: 'lớp chữ của tệp đính kèm', en: 'the text layer of an attachment' },
}

/** For what the sender has written, and can write otherwise; a text layer is as it was signed. */
const HINT = {
  vi: ' Nếu đó không phải dấu độ mật, hãy viết chữ thường, không đặt riêng trong ngoặc.',
  en: ' Where it is no mark of secrecy, write it in small letters and not by itself in brackets.',
}
const NO_HINT = { vi: '', en: '' }

/** Names the mark and the place, and nothing of the content. */
export const stateSecret = (finding: SecrecyFinding, faults: readonly Fault[] = []): GatewayError =>
  new GatewayError('state-secret', { detail: words(finding), faults })

function words({ mark, where }: SecrecyFinding): Bilingual {
  const hint = where === 'text-layer' ? NO_HINT : HINT
  return {
    vi: `Dấu ${mark} có trong ${PLACES[where].vi}.${hint.vi}`,
    en: `The mark ${mark} stands in ${PLACES[where].en}.${hint.en}`,
  }
}
