import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import {
  type SecrecyFinding,
  secrecyInFileName,
  secrecyInNotation,
  secrecyInSubject,
} from '../domain/secrecy.ts'
import type { Element } from '../edxml/element.ts'
import { everyText } from '../edxml/every-text.ts'
import type { ParsedPacket } from '../edxml/parse-packet.ts'
import type { ParsedDocument, PermittedDocument } from './submission.ts'

/**
 * Rules that need nothing but the packet itself.
 * @throws GatewayError `state-secret`, with every mark as a fault
 */
export function checkRules(document: ParsedDocument): PermittedDocument {
  const marks = marksIn(document.parsed)
  const [first] = marks
  if (first !== undefined) throw stateSecret(first.finding, marks.map(faultOf))
  return { ...document, permitted: true }
}

/** The rules as faults, for whoever only wants to know. */
export const ruleFaults = (packet: Pick<ParsedPacket, 'root'>): Fault[] => marksIn(packet).map(faultOf)

interface Mark {
  /** XPath of the text that bears it. */
  readonly path: string
  readonly finding: SecrecyFinding
}

type Judge = (text: string) => SecrecyFinding | undefined

const nothing: Judge = () => undefined

/** How the text of an element is judged where it is no running text; names of people and addresses are not at all. */
const JUDGES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['CodeNotation', secrecyInNotation],
  // Some senders put the whole `number/notation` here.
  ['CodeNumber', secrecyInNotation],
  ['Code', secrecyInNotation],
  ['DocumentId', secrecyInNotation],
  ['AttachmentName', secrecyInFileName],
  ['FullName', nothing],
  ['Staff', nothing],
  ['Email', nothing],
  ['Website', nothing],
  ['ContentId', nothing],
])

const judgeOf = (name: string): Judge => JUDGES.get(name) ?? secrecyInSubject

/**
 * The marks of secrecy in every text of the packet, of known and unknown elements alike: whatever a reader may be
 * shown. The names in certificates are not the sender's words.
 */
function marksIn({ root }: Pick<ParsedPacket, 'root'>): Mark[] {
  // Where a text stands is worked out for those that bear a mark.
  if (!isMarked(root)) return []
  return everyText(root).flatMap(({ path, text }) => {
    if (path.includes('/Signature')) return []
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/\[\d+\]$/, '')
    const finding = judgeOf(name)(text)
    return finding === undefined ? [] : [{ path, finding }]
  })
}

/** Whether anything in an element bears a mark. */
const isMarked = ({ name, text, attributes, children }: Element): boolean =>
  !name.startsWith('Signature') &&
  (judgeOf(name)(text) !== undefined ||
    attributes.some(({ value }) => secrecyInSubject(value) !== undefined) ||
    children.some(isMarked))

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
