import type { ByteSource } from '../byte-source.ts'
import type { ValidationMaterial } from '../validation-material.ts'
import { type SignedField, signedFields } from './pades-fields.ts'
import { materialOf, newStore, takeSecurityStore } from './pades-material.ts'
import { openDocument, type PdfDocument } from './pdf-document.ts'
import { PdfFile } from './pdf-file.ts'
import { PdfDoubt } from './pdf-syntax.ts'
import { newestRoot, readRevision } from './pdf-xref.ts'

/** What the structure of a PDF says of its signatures, over the revisions that can be read. */
export interface PdfOutline {
  /** Whether the whole file was read as a reader would. */
  readonly isReadable: boolean
  /** Signature fields by the place of their signature dictionary, the newest revision's before those of earlier ones. */
  readonly fields: ReadonlyMap<number, SignedField>
  /** Fields of the newest revision whose signature stands in an object stream. */
  readonly packed: readonly SignedField[]
  /** The revisions that were read, by where they end. */
  readonly documents: ReadonlyMap<number, PdfDocument>
  /** What the document security store of each revision holds, by where the revision ends. */
  readonly held: ReadonlyMap<number, ReadonlySet<string>>
  /** What the document security stores of all revisions hold. */
  readonly material: ValidationMaterial
}

/**
 * Reads the signature fields and the validation data of a file and of its earlier revisions, which end at `ends`. A
 * revision that cannot be read with certainty is passed over.
 */
export async function readOutline(source: ByteSource, ends: readonly number[]): Promise<PdfOutline> {
  const file = new PdfFile(source)
  const fields = new Map<number, SignedField>()
  const packed: SignedField[] = []
  const documents = new Map<number, PdfDocument>()
  const held = new Map<number, ReadonlySet<string>>()
  const store = newStore()
  for (const end of new Set([source.length, ...[...ends].sort((a, b) => b - a)])) {
    await unlessInDoubt(async () => {
      const revision = await readRevision(file.upTo(end), false, true)
      const document = await openDocument(file.upTo(end), revision)
      const root = newestRoot(revision)
      for (const field of await signedFields(document, root)) {
        const { objectAt } = field
        if (objectAt === undefined && end === source.length) packed.push(field)
        if (objectAt !== undefined && !fields.has(objectAt)) fields.set(objectAt, field)
      }
      documents.set(end, document)
      held.set(end, await takeSecurityStore(document, root, store))
      document.forget()
    })
  }
  const isReadable = documents.has(source.length)
  return { isReadable, fields, packed, documents, held, material: materialOf(store) }
}

async function unlessInDoubt(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof PdfDoubt)) throw error
  }
}

/**
 * Whether validation data that the revision up to `end` holds is gone from the newest one. Updates for long-term
 * validation add data (EN 319 142-1 §5.4.2): what an earlier signature or timestamp covers is not taken away again.
 */
export function losesData({ held }: PdfOutline, end: number, length: number): boolean {
  const [before, now] = [held.get(end), held.get(length)]
  if (before === undefined || now === undefined) return false
  return [...before].some((one) => !now.has(one))
}
