import { PDF } from '@libpdf/core'
import { secrecyInTextLayer } from '../domain/secrecy.ts'
import { stateSecret } from './check-rules.ts'
import type { ReadableAttachment } from './readable-attachments.ts'

/** Bytes. Reading the text of a larger file would hold up everybody else; a stamp sits on the first page anyway. */
const LARGEST_READ = 32 * 1024 * 1024
/** The stamp stands on the first page of a document; an annex bound into the same file starts a few pages on. */
const PAGES_READ = 5

/**
 * Looks for a stamp of secrecy in the text layer of PDF attachments.
 * @throws GatewayError `state-secret`
 */
export async function refuseSecretAttachments(attachments: readonly ReadableAttachment[]): Promise<void> {
  for (const { type, content } of attachments) {
    if (type !== 'application/pdf' || content.length > LARGEST_READ) continue
    const finding = secrecyInTextLayer(await readTextLayer(await content.read(0, content.length)))
    if (finding) throw stateSecret(finding)
  }
}

/** The lines of the first pages of a PDF; none where it cannot be read (encrypted, damaged, a scan). */
async function readTextLayer(bytes: Uint8Array): Promise<string[]> {
  try {
    const pdf = await PDF.load(bytes)
    const pages = pdf.getPages().slice(0, PAGES_READ)
    return pages.flatMap((page) => page.extractText().text.split('\n'))
  } catch {
    return []
  }
}
