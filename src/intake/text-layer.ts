import type { Fault } from '../domain/fault.ts'
import { secrecyInTextLayer } from '../domain/secrecy.ts'
import { stateSecret } from './check-rules.ts'
import type { ReadableAttachment } from './readable-attachments.ts'
import { type LinesOfPdf, linesOfPdf } from './text-readers.ts'

/** Bytes. A larger file is not read, and that is said. */
const LARGEST_READ = 64 * 1024 * 1024
/** Bytes in which every reader looks for the mark of a PDF (ISO 32000-2 annex H.3, implementation note 13). */
const HEAD = 1024

/**
 * Looks for a stamp of secrecy in the text layer of an attachment, and in a plain text as it is. A file may be made to
 * swell when it is read, so PDFs are read in a thread of their own, with an end to its memory and time.
 * @returns a warning where there is a text layer that cannot be read
 * @throws GatewayError `state-secret`; `overloaded` where it was not looked at, for then it may hold such a stamp
 */
export async function refuseSecretText(
  { contentId, content, type }: ReadableAttachment,
  linesOf: LinesOfPdf = linesOfPdf,
): Promise<Fault[]> {
  const head = Buffer.from(await content.read(0, Math.min(HEAD, content.length)))
  const isPdf = type === 'application/pdf' || head.includes('%PDF-')
  if (!isPdf && !looksLikeText(head)) return []
  if (content.length > LARGEST_READ) return [notRead(contentId, 'size')]
  const bytes = await content.read(0, content.length)
  const lines = isPdf ? await linesOf(bytes) : Buffer.from(bytes).toString('utf8').split('\n')
  if (lines === undefined) return [notRead(contentId, 'unreadable')]
  const finding = secrecyInTextLayer(lines)
  if (finding) throw stateSecret(finding)
  return []
}

/** No control characters but white space: a text in UTF-8, not a picture or an office file. */
const looksLikeText = (head: Buffer): boolean =>
  head.length > 0 && head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d)

const notRead = (contentId: string, found: 'size' | 'unreadable'): Fault => ({
  code: 'text-layer-not-read',
  severity: 'warning',
  path: contentId,
  found,
  hint: {
    vi: 'Lớp chữ của tệp này chưa được đọc, nên chưa kiểm tra được dấu độ mật trong đó.',
    en: 'The text layer of this file was not read, so it was not looked through for marks of secrecy.',
  },
})
