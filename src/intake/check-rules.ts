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
  const finding =
    (envelope.subject && secrecyInSubject(envelope.subject)) ||
    (envelope.codeNotation && secrecyInNotation(envelope.codeNotation)) ||
    // Some senders put the whole `number/notation` into CodeNumber.
    (envelope.codeNumber && secrecyInNotation(envelope.codeNumber)) ||
    (envelope.content && secrecyInSubject(envelope.content)) ||
    first(envelope.attachments.map(({ name }) => secrecyInFileName(name)))
  if (finding) throw stateSecret(finding)
  return { ...document, permitted: true }
}

const first = (findings: readonly (SecrecyFinding | undefined)[]) =>
  findings.find((finding) => finding !== undefined)

const PLACES: Record<SecrecyFinding['where'], { vi: string; en: string }> = {
  subject: { vi: 'trích yếu', en: 'the subject' },
  notation: { vi: 'ký hiệu', en: 'the notation' },
  'file-name': { vi: 'tên tệp đính kèm', en: 'the name of an attachment' },
  'text-layer': { vi: 'lớp chữ của tệp đính kèm', en: 'the text layer of an attachment' },
}

/** Names the mark and the place, and nothing of the content. */
export const stateSecret = (finding: SecrecyFinding): GatewayError =>
  new GatewayError('state-secret', {
    detail: {
      vi: `Dấu ${finding.mark} có trong ${PLACES[finding.where].vi}.`,
      en: `The mark ${finding.mark} stands in ${PLACES[finding.where].en}.`,
    },
  })
