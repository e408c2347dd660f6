import { createHash } from 'node:crypto'
import { vietnamIso } from '../../domain/vietnam-time.ts'
import { bytesSource } from '../byte-source.ts'
import { laterChange, newEffort } from '../formats/pdf-changes.ts'
import { isArray, type PdfDict, PdfDoubt, type PdfReference, type PdfValue } from '../formats/pdf-syntax.ts'
import type { Signer } from '../keys/signer.ts'
import { type Appearance, type Drawn, draw } from './appearance.ts'
import { type Stamp, signPdfCms } from './cms.ts'
import { type OpenPdf, openPdf } from './open.ts'
import { unsealable } from './refusal.ts'
import {
  type Base,
  dict,
  incrementalUpdate,
  type NewObject,
  reference,
  textString,
  withEntries,
} from './write.ts'

export interface PdfSealOptions {
  /** Signing time as it is claimed and shown. */
  readonly time: Date
  readonly appearance: Appearance
  /** Null makes level B-B. */
  readonly stamp: Stamp | null
  /** Name of the signer as readers list it. */
  readonly name?: string
  readonly reason?: string
}

/** Bytes kept for a timestamp token with its certificates. */
const TOKEN_BYTES = 16 * 1024
const SIGNATURE_BYTES = 2048
/** As wide as the offsets of the longest file that a cross-reference table can describe. */
const RANGE_PLACEHOLDER = 9_999_999_999

/**
 * Signs a PDF by an incremental update (PAdES B-B or B-T, ETSI EN 319 142-1): the bytes that were there stay as they
 * are, and earlier signatures go on counting.
 * @throws GatewayError `pdf-unsealable` naming why; whatever the signer or `stamp` throws
 */
export async function sealPdf(pdf: Uint8Array, signer: Signer, options: PdfSealOptions): Promise<Uint8Array> {
  try {
    return await seal(pdf, signer, options, reservedBytes(signer, options))
  } catch (error) {
    // Tokens are rarely longer than what is kept for them: then all is made again with more room.
    if (error instanceof TooLong) return seal(pdf, signer, options, error.bytes + SIGNATURE_BYTES)
    if (error instanceof PdfDoubt) throw unsealable('pdf-malformed', error.message)
    throw error
  }
}

/** The signature has not enough room. */
class TooLong extends Error {
  readonly bytes: number

  constructor(bytes: number) {
    super(`the signature takes ${bytes} bytes`)
    this.bytes = bytes
  }
}

async function seal(
  pdf: Uint8Array,
  signer: Signer,
  options: PdfSealOptions,
  reserved: number,
): Promise<Uint8Array> {
  const open = await openPdf(pdf)
  const numbers = counter(open.base)
  const drawn = await draw(open, options.appearance, options.time, numbers.next)
  const [field, signature] = [numbers.next(), numbers.next()]
  const objects = [
    ...drawn.objects,
    ...(await changedObjects(open, drawn, reference(field))),
    { number: field, generation: 0, value: fieldOf(open, drawn, signature) },
    { number: signature, generation: 0, value: signatureOf(reserved, options) },
  ]
  const update = incrementalUpdate({ ...open.base, nextNumber: numbers.next() }, objects)
  const file = Buffer.concat([pdf, update.bytes])
  await fillIn(file, update.offsets.get(signature)!, reserved, signer, options.stamp)
  await refuseSideEffects(file, pdf.length)
  return file
}

function counter({ nextNumber }: Base) {
  let number = nextNumber
  return { next: () => number++ }
}

function reservedBytes({ certificateChain }: Signer, { stamp }: PdfSealOptions): number {
  const certificates = certificateChain.reduce((sum, { der }) => sum + der.length, 0)
  return certificates + SIGNATURE_BYTES + (stamp === null ? 0 : TOKEN_BYTES)
}

/** Page, form and catalog as they have to be for a new field. */
async function changedObjects(open: OpenPdf, { page }: Drawn, field: PdfReference): Promise<NewObject[]> {
  const changed: NewObject[] = []
  const put = ({ ref, generation }: PdfReference, value: PdfValue) =>
    changed.push({ number: ref, generation, value })
  const annotations = (await open.document.resolve(page.value.get('/Annots'))) ?? []
  if (!isArray(annotations)) throw unsealable('pdf-malformed', '/Annots')
  put(page.ref, withEntries(page.value, { Annots: [...annotations, field] }))
  const flags = open.form?.get('/SigFlags')
  const SIGNATURES_EXIST_AND_APPEND_ONLY = 3
  const newForm = withEntries(open.form ?? new Map(), {
    Fields: [...open.fields, field],
    SigFlags: (typeof flags === 'number' ? flags : 0) | SIGNATURES_EXIST_AND_APPEND_ONLY,
  })
  if (open.formRef !== undefined) put(open.formRef, newForm)
  else put(open.root, withEntries(open.catalog, { AcroForm: newForm }))
  return changed
}

const PRINT_AND_LOCKED = 4 | 128

/** The signature field and its one widget in one dictionary. */
function fieldOf(open: OpenPdf, { page, box, form }: Drawn, signature: number): PdfDict {
  let number = 1
  while (open.fieldNames.has(`Seal${number}`)) number++
  return dict({
    Type: '/Annot',
    Subtype: '/Widget',
    FT: '/Sig',
    T: `(Seal${number}`,
    F: PRINT_AND_LOCKED,
    P: page.ref,
    Rect: [...box],
    V: reference(signature),
    ...(form !== undefined && { AP: dict({ N: reference(form) }) }),
  })
}

function signatureOf(reserved: number, { time, name, reason }: PdfSealOptions): PdfDict {
  return dict({
    Type: '/Sig',
    Filter: '/Adobe.PPKLite',
    SubFilter: '/ETSI.CAdES.detached',
    ByteRange: [0, RANGE_PLACEHOLDER, RANGE_PLACEHOLDER, RANGE_PLACEHOLDER],
    Contents: `(${'\0'.repeat(reserved)}`,
    M: `(${pdfDate(time)}`,
    ...(name !== undefined && { Name: textString(name) }),
    ...(reason !== undefined && { Reason: textString(reason) }),
  })
}

/** `D:YYYYMMDDHHmmSS+07'00'` (ISO 32000-2 §7.9.4). */
const pdfDate = (time: Date): string => `D:${vietnamIso(time).slice(0, 19).replace(/\D/g, '')}+07'00'`

/** Writes the range of the bytes that are covered, and the signature over them, into the places kept for them. */
async function fillIn(
  file: Buffer,
  at: number,
  reserved: number,
  signer: Signer,
  stamp: Stamp | null,
): Promise<void> {
  const start = file.indexOf('/Contents <', at, 'latin1') + '/Contents '.length
  const end = start + reserved * 2 + 2
  const placeholder = `[0 ${RANGE_PLACEHOLDER} ${RANGE_PLACEHOLDER} ${RANGE_PLACEHOLDER}]`
  const rangeAt = file.indexOf(placeholder, at, 'latin1')
  const range = `[0 ${start} ${end} ${file.length - end}]`
  file.write(range.padEnd(placeholder.length), rangeAt, 'latin1')
  const digest = createHash('sha256').update(file.subarray(0, start)).update(file.subarray(end)).digest()
  const cms = await signPdfCms(digest, signer, stamp)
  if (cms.length > reserved) throw new TooLong(cms.length)
  file.write(Buffer.from(cms).toString('hex'), start + 1, 'latin1')
}

/** Holds the update to the rules by which later revisions are judged: it does nothing but sign. */
async function refuseSideEffects(file: Uint8Array, before: number): Promise<void> {
  const change = await laterChange(bytesSource(file), before, file.length, newEffort())
  if (change.kind === 'changed') throw unsealable('pdf-malformed', change.what)
}
