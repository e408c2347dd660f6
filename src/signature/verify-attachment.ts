import type { ByteSource } from './byte-source.ts'
import { type Verification, verifySignatures } from './finding.ts'
import { checkFile } from './formats/index.ts'
import type { ValidationContext } from './validation/context.ts'

export { type ByteSource, bytesSource } from './byte-source.ts'

/**
 * Verifies every signature inside one attachment; no findings where there is none. Memory stays flat for PDFs of any
 * length. Nothing is thrown for what the bytes hold; what `content.read` throws goes through.
 */
export async function verifyAttachment(
  content: ByteSource,
  contentId: string,
  sniffedType: string | undefined,
  context: ValidationContext,
): Promise<Verification> {
  const { signatures } = await checkFile(content, {}, sniffedType)
  return verifySignatures(subjectOf(contentId), signatures, context)
}

/**
 * A sender chooses his ContentIds. One that reads like the envelope, or like the n-th signature of another attachment,
 * is kept apart, so that its findings are never counted for what they do not cover.
 */
const subjectOf = (contentId: string): string =>
  contentId === 'envelope' || /#\d+$/.test(contentId) ? `cid:${contentId}#1` : contentId
