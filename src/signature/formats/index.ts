import type { ByteSource } from '../byte-source.ts'
import type { CheckedSignature } from '../checks.ts'
import { checkAsic, looksLikeAsic } from './asic.ts'
import { looksArmoured } from './cms-armour.ts'
import { checkCmsFile } from './file-cms.ts'
import { checkPdfFile } from './file-pdf.ts'
import { checkXmlFile } from './file-xml.ts'
import type { Given } from './given.ts'
import { hasPdfHeader, notOverPdf } from './opens-as-pdf.ts'

export type { Given } from './given.ts'

/** The kinds of file that hold signatures. */
export type FileKind = 'asic' | 'cms' | 'pades' | 'xmldsig'

export interface FileFormat {
  /** From the first kilobyte of a file and its sniffed media type. */
  detects(head: Uint8Array, sniffedType: string | undefined): boolean
  /** Every signature of the file, in its order: facts, before anything is said of trust. */
  check(content: ByteSource, given: Given): Promise<CheckedSignature[]>
}

const starts = (head: Uint8Array, pattern: RegExp): boolean =>
  pattern.test(Buffer.from(head).toString('latin1'))

const SIGNED_DATA_OID = Buffer.from('06092a864886f70d010702', 'hex')

/** One row per kind of file, in the order in which a file is tried. */
export const FORMATS: Record<FileKind, FileFormat> = {
  // Before PDF: a container may hold one near its beginning.
  asic: { detects: (head) => looksLikeAsic(head), check: checkAsic },
  // Before PDF: a CMS file may hold one near its beginning.
  cms: {
    detects: (head) =>
      (head[0] === 0x30 && Buffer.from(head.subarray(0, 32)).includes(SIGNED_DATA_OID)) ||
      looksArmoured(head),
    check: checkCmsFile,
  },
  pades: {
    // Readers open a PDF whose header stands anywhere in its first kilobyte, and mend one whose header is damaged.
    detects: (head, type) =>
      type === 'application/pdf' || starts(head, /%PDF-|^(?!\s*<|\xef\xbb\xbf|PK)[\s\S]*\d[ \r\n]+\d+ obj\b/),
    check: checkPdfFile,
  },
  xmldsig: {
    detects: (head, type) =>
      /^(?:application|text)\/(?:.+\+)?xml$/.test(type ?? '') ||
      starts(head, /^(?:\xef\xbb\xbf)?\s*<[?!A-Za-z_]/) ||
      // In UTF-16, either way round.
      starts(head, /^(?:\xff\xfe(?:\s\0)*<\0|\xfe\xff(?:\0\s)*\0<)/),
    check: checkXmlFile,
  },
}

export interface CheckedFile {
  /** Undefined for a file of a kind that holds no signatures. */
  readonly kind: FileKind | undefined
  readonly signatures: readonly CheckedSignature[]
}

/**
 * Checks every signature of a file of whatever kind. Memory stays flat for PDFs and detached content of any length.
 * Nothing is thrown for what the bytes hold; what `content.read` throws goes through.
 */
export async function checkFile(
  content: ByteSource,
  given: Given = {},
  sniffedType?: string,
): Promise<CheckedFile> {
  const head = await content.read(0, Math.min(1024, content.length))
  const kinds = (Object.keys(FORMATS) as FileKind[]).filter((one) => FORMATS[one].detects(head, sniffedType))
  for (const kind of kinds) {
    const signatures = await FORMATS[kind].check(content, given)
    // A file may look like two kinds: a PDF behind the first bytes of a ZIP file opens as a PDF.
    if (signatures.length === 0) continue
    const isOther = (kind === 'asic' || kind === 'xmldsig') && hasPdfHeader(head)
    return { kind, signatures: isOther ? notOverPdf(signatures) : signatures }
  }
  return { kind: kinds[0], signatures: [] }
}
