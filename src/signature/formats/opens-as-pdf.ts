import { type CheckedSignature, failed } from '../checks.ts'
import type { SignedData } from './cms-structure.ts'

/** Readers open as a PDF what has the header of one in its first kilobyte (ISO 32000-1 annex H, note 13). */
export const hasPdfHeader = (head: Uint8Array): boolean =>
  Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 1024)).includes('%PDF-')

/** What a PDF is built of, or read from its end. */
const PARTS = /%PDF-|startxref|trailer|\d[\s\0]+\d+[\s\0]+obj/

/**
 * Whether a CMS file also opens as a PDF that is another than its content: as one that stands beside it, or as the
 * content with later objects behind it. What lies outside the content (unsigned attributes, certificates) is anybody's.
 * @param bytes the file that `data` was read from
 */
export function hidesPdf(bytes: Uint8Array, { fields, isAttached }: SignedData): boolean {
  const content = isAttached ? fields[2]?.raw : undefined
  const isWithin = content !== undefined && isPartOf(content, bytes)
  const start = isWithin ? content.byteOffset - bytes.byteOffset : bytes.length
  const end = isWithin ? start + content.length : bytes.length
  // Some readers look for the objects where they find no header.
  return [bytes.subarray(0, start), bytes.subarray(end)].some((part) =>
    PARTS.test(Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1')),
  )
}

/** Small buffers share one memory: that alone does not make one a part of the other. */
const isPartOf = (part: Uint8Array, whole: Uint8Array): boolean =>
  part.buffer === whole.buffer &&
  part.byteOffset >= whole.byteOffset &&
  part.byteOffset + part.length <= whole.byteOffset + whole.length

/** The same signatures, none of which is over what a reader of PDF sees. */
export const notOverPdf = (signatures: readonly CheckedSignature[]): CheckedSignature[] =>
  signatures.map((one) => ({
    ...one,
    coverage: 'part',
    checks: [
      ...one.checks.filter(({ check }) => check !== 'whole-document'),
      failed('whole-document', 'opens-as-pdf'),
    ],
  }))
