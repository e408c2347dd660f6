import type { SignatureFinding } from '../../domain/signature-report.ts'
import { type ByteSource, chunksOf } from '../byte-source.ts'
import { type CheckedSignature, checking, passed, unverifiable } from '../checks.ts'
import { toFinding } from '../finding.ts'
import type { VerifyContext } from '../trust-store.ts'
import { checkCms, openCms } from './cms.ts'
import { checkPdfSignatures } from './pades.ts'
import { weighPdf } from './pades-weigh.ts'
import { checkXmlSignatures } from './xmldsig.ts'
import { coversRoot } from './xmldsig-coverage.ts'
import { MAX_XML_BYTES } from './xmldsig-tree.ts'

export type SignatureFormatId = SignatureFinding['format']

export interface SignatureFormat {
  /** From the first kilobyte of a file and its sniffed media type. */
  detects(head: Uint8Array, sniffedType: string | undefined): boolean
  /** `name` gives the `where` of the n-th signature, counted from 0. */
  verify(
    content: ByteSource,
    name: (index: number) => string,
    context: VerifyContext,
  ): Promise<SignatureFinding[]>
}

const starts = (head: Uint8Array, pattern: RegExp): boolean =>
  pattern.test(Buffer.from(head).toString('latin1'))

/** One row per format, in the order in which a file is tried. */
export const FORMATS: Record<SignatureFormatId, SignatureFormat> = {
  // Before PDF: a CMS file may hold one near its beginning.
  cms: {
    detects: (head) => head[0] === 0x30 && Buffer.from(head.subarray(0, 32)).includes(SIGNED_DATA_OID),
    verify: async (content, name, context) =>
      (await checkCmsFile(content)).map((one, index) => toFinding(name(index), one, context)),
  },
  pades: {
    // Readers open a PDF whose header stands anywhere in its first kilobyte.
    detects: (head, type) => type === 'application/pdf' || starts(head, /%PDF-/),
    verify: async (content, name, context) =>
      weighPdf(await checkPdfSignatures(content), content, name, context),
  },
  xmldsig: {
    detects: (head, type) =>
      /^(?:application|text)\/(?:.+\+)?xml$/.test(type ?? '') ||
      starts(head, /^(?:\xef\xbb\xbf)?\s*<[?!A-Za-z_]/),
    verify: async (content, name, context) =>
      (await checkXmlFile(content)).map((one, index) => toFinding(name(index), one, context)),
  },
}

const SIGNED_DATA_OID = Buffer.from('06092a864886f70d010702', 'hex')
const MAX_CMS_BYTES = 16 * 1024 * 1024

/** A CMS file with its content inside; where the content lies outside, the result says that it is not here. */
async function checkCmsFile(content: ByteSource): Promise<CheckedSignature[]> {
  const stop = (error: Error) => checking('cms', () => Promise.reject(error))
  if (content.length > MAX_CMS_BYTES)
    return [await stop(unverifiable('form', 'cms-unreadable', `${content.length}`))]
  try {
    const bytes = await content.read(0, content.length)
    const data = openCms(bytes)
    if (data.length !== bytes.length)
      return [await stop(unverifiable('form', 'signature-malformed', 'trailing bytes'))]
    const checked = await checkCms('cms', data, undefined)
    return checked.map((one) => ({ ...one, checks: [...one.checks, passed('whole-document')] }))
  } catch (error) {
    return [await stop(error as Error)]
  }
}

/** An XML file that is too large is searched for the mere word: without it there is no signature. */
async function checkXmlFile(content: ByteSource): Promise<CheckedSignature[]> {
  if (content.length <= MAX_XML_BYTES) {
    return checkXmlSignatures(await content.read(0, content.length), { coverage: coversRoot })
  }
  let tail = Buffer.alloc(0)
  for await (const chunk of chunksOf(content)) {
    const window = Buffer.concat([tail, chunk])
    if (window.includes('Signature')) {
      const stop = unverifiable('form', 'xml-too-large', `${content.length} > ${MAX_XML_BYTES}`)
      return [await checking('xmldsig', () => Promise.reject(stop))]
    }
    tail = window.subarray(-16)
  }
  return []
}
