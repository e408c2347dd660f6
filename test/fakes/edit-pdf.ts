import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import { signCms } from './sign-cms.ts'

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

export interface UpdateOptions {
  /** `n g R` of another catalog. */
  readonly root?: string
  /** Text between the old end and the new objects. */
  readonly stray?: string
  /** Further entries of the trailer. */
  readonly trailer?: string
}

/** An incremental update of a PDF with a cross-reference table: objects by number, without `n 0 obj` and `endobj`. */
export function updatePdf(
  pdf: Uint8Array,
  objects: Readonly<Record<number, string>>,
  { root, stray = '', trailer = '' }: UpdateOptions = {},
): Uint8Array {
  const text = latin1(pdf)
  const last = (pattern: RegExp) => [...text.matchAll(pattern)].at(-1)![1]!
  const numbers = Object.keys(objects).map(Number)
  const size = Math.max(Number(last(/\/Size (\d+)/g)), ...numbers.map((number) => number + 1))
  let file = `${text}\n${stray}`
  const entries = numbers.map((number) => {
    const entry = `${number} 1\n${String(file.length).padStart(10, '0')} 00000 n \n`
    file += `${number} 0 obj\n${objects[number]}\nendobj\n`
    return entry
  })
  const catalog = root ?? last(/\/Root (\d+ 0 R)/g)
  const dict = `<< /Size ${size} /Root ${catalog} /Prev ${last(/startxref\s+(\d+)/g)} ${trailer} >>`
  file += `xref\n${entries.join('')}trailer\n${dict}\nstartxref\n${file.length}\n%%EOF\n`
  return Buffer.from(file, 'latin1')
}

/** The newest text of an object. */
export const objectOf = (pdf: Uint8Array, number: number): string =>
  [...latin1(pdf).matchAll(new RegExp(`\\n${number} 0 obj\\s([\\s\\S]*?)\\sendobj`, 'g'))].at(-1)![1]!

export const streamObject = (content: string, entries = ''): string =>
  `<< /Length ${content.length} ${entries} >>\nstream\n${content}\nendstream`

export interface HandSignature {
  /** The field's name; `Ky` unless told. */
  readonly name?: string
  /** The numbers of the signature dictionary and of its field. */
  readonly numbers: readonly [dictionary: number, field: number]
  readonly subFilter?: string
  /** Further entries of the signature dictionary, of its field, of the catalog. */
  readonly entries?: string
  readonly field?: string
  readonly catalog?: string
  /** Whether the form lists the field; it does unless told. */
  readonly isListed?: boolean
  /** Further objects of the same update. */
  readonly objects?: Readonly<Record<number, string>>
  /** Further entries of the trailer. */
  readonly trailer?: string
  /** The /ByteRange in place of the right one. */
  readonly range?: (start: number, end: number, length: number) => readonly number[]
  /** What goes into /Contents. */
  readonly contents: (covered: Uint8Array) => Uint8Array | Promise<Uint8Array>
}

const HEX_DIGITS = 24_000
const catalogPattern = / ?\/AcroForm << \/Fields \[([^\]]*)\] \/SigFlags 3 >>/

/**
 * Signs a PDF made by make-pdf.ts by an incremental update that is written by hand, so that any part of it can be other
 * than the standard has it.
 */
export async function signByHand(pdf: Uint8Array, shape: HandSignature): Promise<Uint8Array> {
  const { numbers, name = 'Ky', subFilter = 'ETSI.CAdES.detached', isListed = true } = shape
  const [dictionary, field] = numbers
  const old = objectOf(pdf, 1)
  const fields = catalogPattern.exec(old)?.[1] ?? ''
  const form = ` /AcroForm << /Fields [${fields}${isListed ? ` ${field} 0 R` : ''}] /SigFlags 3 >>`
  const catalog = `${old.replace(catalogPattern, '').replace(/ >>$/, '')}${form} ${shape.catalog ?? ''} >>`
  const range = '/ByteRange [0 000000000 000000000 000000000]'
  const update = updatePdf(
    pdf,
    {
      1: catalog,
      ...shape.objects,
      [field]: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (${name}) /F 132 /Rect [0 0 0 0] /P 3 0 R /V ${dictionary} 0 R ${shape.field ?? ''} >>`,
      [dictionary]: `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /${subFilter} ${range} ${shape.entries ?? ''} /Contents <${'0'.repeat(HEX_DIGITS)}> >>`,
    },
    { trailer: shape.trailer ?? '' },
  )
  return fill(update, range, shape)
}

async function fill(update: Uint8Array, range: string, shape: HandSignature): Promise<Uint8Array> {
  const file = Buffer.from(update)
  const start = file.lastIndexOf(`<${'0'.repeat(HEX_DIGITS)}>`)
  const end = start + HEX_DIGITS + 2
  const numbers = shape.range?.(start, end, file.length) ?? [0, start, end, file.length - end]
  file.write(`/ByteRange [${numbers.join(' ')}]`.padEnd(range.length), file.lastIndexOf(range), 'latin1')
  const covered: Uint8Array[] = []
  for (let at = 0; at < numbers.length; at += 2)
    covered.push(file.subarray(numbers[at]!, numbers[at]! + numbers[at + 1]!))
  const contents = await shape.contents(Buffer.concat(covered))
  file.write(Buffer.from(contents).toString('hex'), start + 1, 'latin1')
  return file
}

/** Contents for the two CMS sub-filters. */
export const detachedBy =
  (key: SigningKey) =>
  (covered: Uint8Array): Promise<Uint8Array> =>
    signCms(covered, key, { detached: true })
