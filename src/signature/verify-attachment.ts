import type { SignatureFinding } from '../domain/signature-report.ts'
import type { ByteSource } from './byte-source.ts'
import { toFindings } from './finding.ts'
import { checkFile } from './formats/index.ts'
import type { VerifyContext } from './trust-store.ts'

export { type ByteSource, bytesSource } from './byte-source.ts'

/**
 * Verifies every signature inside one attachment; empty where there is none. Memory stays flat for PDFs of any length.
 * Nothing is thrown for what the bytes hold; what `content.read` throws goes through.
 */
export async function verifyAttachment(
  content: ByteSource,
  contentId: string,
  sniffedType: string | undefined,
  context: VerifyContext,
): Promise<SignatureFinding[]> {
  const { signatures } = await checkFile(content, {}, sniffedType)
  const subject = subjectOf(contentId)
  const findings = toFindings((index) => `${subject}#${index + 1}`, signatures, context)
  return findings.length === 1 ? [{ ...findings[0]!, where: subject }] : findings
}

/**
 * A sender chooses his ContentIds. One that reads like the envelope, or like the n-th signature of another attachment,
 * is kept apart, so that its findings are never counted for what they do not cover.
 */
const subjectOf = (contentId: string): string =>
  contentId === 'envelope' || /#\d+$/.test(contentId) ? `cid:${contentId}#1` : contentId
