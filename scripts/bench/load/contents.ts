import { createHash, randomBytes } from 'node:crypto'
import type { SigningKey } from '../../../src/signature/keys/signing-key.ts'
import { makePdf } from '../../../test/fakes/make-pdf.ts'
import { signPdf } from '../../../test/fakes/sign-pdf.ts'
import { signDigest } from '../sign-digest.ts'
import { digitsOf } from './packet-template.ts'

export interface Content {
  readonly name: string
  readonly type: string
  /** The attachment of one document, base64 encoded, in pieces. No two are equal. */
  readonly of: (number: number) => Promise<readonly Buffer[]>
}

const OWN = 'DOCUMENT-OF-THE-BENCH-'

/** Random bytes of which the first are the document's own; the rest is held once. */
function noise(bytes: number): Content {
  const own = (number: number) => Buffer.from(`${OWN}${digitsOf(number)}!`)
  const headLength = own(0).length
  if (headLength % 3 !== 0) throw new Error('the own part does not end with a group of base64')
  const rest = Buffer.from(randomBytes(bytes - headLength).toString('base64'))
  return {
    name: 'noi-dung.bin',
    type: 'application/octet-stream',
    of: async (number) => [Buffer.from(own(number).toString('base64')), rest],
  }
}

const PDF_NUMBER = 'So 7700770077'
const LINE =
  'Ủy ban nhân dân tỉnh Thử Nghiệm đề nghị các cơ quan, đơn vị phối hợp triển khai thực hiện nhiệm vụ. '
const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex')

/** A PDF with a text layer, signed by the agency's seal: one is signed as a whole, and of the others what differs. */
async function signedPdf(bytes: number, key: SigningKey): Promise<Content> {
  const lines = Array.from({ length: Math.ceil(bytes / (2 * LINE.length + 9)) }, () => LINE)
  const plain = makePdf([PDF_NUMBER, ...lines])
  const template = Buffer.from(await signPdf(plain, key, { subFilter: 'adbe.pkcs7.detached' }))
  const at = template.indexOf(hex(PDF_NUMBER))
  const range = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/.exec(template.toString('latin1'))
  if (at < 0 || range === null) throw new Error('the signed PDF is not as expected')
  const [, , before, after, length] = range.map(Number) as [number, number, number, number, number]
  return {
    name: 'cong-van.pdf',
    type: 'application/pdf',
    async of(number) {
      const pdf = Buffer.from(template)
      pdf.write(hex(`So ${digitsOf(number)}`), at, 'latin1')
      const digest = createHash('sha256').update(pdf.subarray(0, before))
      digest.update(pdf.subarray(after, after + length))
      const cms = Buffer.from(await signDigest(digest.digest(), key)).toString('hex')
      pdf.write(cms.padEnd(after - before - 2, '0'), before + 1, 'latin1')
      return [Buffer.from(pdf.toString('base64'))]
    },
  }
}

/** The kinds of documents of which the load may consist, with their packet's length in bytes. */
export const KINDS = {
  small: { title: '10 KB', make: async () => noise(3_900) },
  pdf: {
    title: '100 KB with a signed PDF',
    make: (key: SigningKey) => signedPdf(43_000, key),
  },
  large: { title: '5 MB', make: async () => noise(3_749_997) },
} as const

export type Kind = keyof typeof KINDS
