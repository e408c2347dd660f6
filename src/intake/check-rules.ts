import type { DocumentEnvelope } from '../domain/envelope.ts'
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
 * @throws GatewayError `state-secret`
 */
export function checkRules(document: ParsedDocument): PermittedDocument {
  const { envelope } = document
  if (envelope.kind === 'status') return { ...document, permitted: true }
  const finding = secrecyIn(envelope)
  if (finding !== undefined) throw stateSecret(finding)
  return { ...document, permitted: true }
}

/** The first mark of secrecy in any text of the envelope where clerks put one. */
function secrecyIn(envelope: DocumentEnvelope): SecrecyFinding | undefined {
  const { attachments, appendixes } = envelope
  const descriptions = attachments.map(({ description }) => description)
  const texts = [
    envelope.subject,
    envelope.content,
    envelope.documentType?.typeName,
    ...appendixes,
    ...descriptions,
  ]
  // Some senders put the whole `number/notation` into CodeNumber.
  const notations = [envelope.codeNotation, envelope.codeNumber]
  const findings = [
    ...texts.map((text) => text && secrecyInSubject(text)),
    ...notations.map((text) => text && secrecyInNotation(text)),
    ...attachments.map(({ name }) => secrecyInFileName(name)),
  ]
  return findings.find((finding) => typeof finding === 'object')
}

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
export function stateSecret({ mark, where }: SecrecyFinding): GatewayError {
  const hint = where === 'text-layer' ? NO_HINT : HINT
  return new GatewayError('state-secret', {
    detail: {
      vi: `Dấu ${mark} có trong ${PLACES[where].vi}.${hint.vi}`,
      en: `The mark ${mark} stands in ${PLACES[where].en}.${hint.en}`,
    },
  })
}
