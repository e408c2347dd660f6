import type { ValidationMaterial } from '../validation-material.ts'
import { parseCertificates } from '../x509/certificate.ts'
import type { PdfDocument, PlacedStream } from './pdf-document.ts'
import { decodeStream } from './pdf-file.ts'
import { isArray, isDict, isReference, isStream, PdfDoubt, type PdfValue } from './pdf-syntax.ts'

const MAX_ITEMS = 1024
const MAX_BYTES = 32 * 1024 * 1024
const MAX_VRI = 256

/** The lists of a document security store and of its /VRI (EN 319 142-1 §5.4.2.2). */
const LISTS = {
  certificates: ['/Certs', '/Cert'],
  crls: ['/CRLs', '/CRL'],
  ocsps: ['/OCSPs', '/OCSP'],
} as const

type Kind = keyof typeof LISTS

/** Validation data of a file, each item once, however many revisions hold it. */
export interface SecurityStore {
  readonly items: Record<Kind, Map<string, Uint8Array>>
  bytes: number
}

export const newStore = (): SecurityStore => ({
  items: { certificates: new Map(), crls: new Map(), ocsps: new Map() },
  bytes: 0,
})

/** Takes what the store of one revision holds; a stream that cannot be read is left out. @throws PdfDoubt */
export async function takeSecurityStore(
  document: PdfDocument,
  root: number,
  store: SecurityStore,
): Promise<void> {
  const catalog = await document.object(root)
  const security = isDict(catalog) ? await document.resolve(catalog.get('/DSS')) : undefined
  if (!isDict(security)) return
  const related = await document.resolve(security.get('/VRI'))
  const entries = isDict(related) ? [...related.values()].slice(0, MAX_VRI) : []
  for (const entry of [security, ...entries]) {
    const holder = await document.resolve(entry)
    if (!isDict(holder)) continue
    for (const kind of Object.keys(LISTS) as Kind[])
      for (const key of LISTS[kind]) await takeList(document, holder.get(key), store, kind)
  }
}

async function takeList(
  document: PdfDocument,
  value: PdfValue | undefined,
  store: SecurityStore,
  kind: Kind,
): Promise<void> {
  const list = await document.resolve(value)
  if (!isArray(list)) return
  for (const item of list) {
    const place = isReference(item) ? document.location(item.ref) : undefined
    const { items } = store
    if (!isReference(item) || place === undefined || items[kind].has(place)) continue
    const count = items.certificates.size + items.crls.size + items.ocsps.size
    if (count >= MAX_ITEMS || store.bytes >= MAX_BYTES) return
    const data = await dataOf(document, item)
    if (data === undefined) continue
    store.bytes += data.length
    items[kind].set(place, data)
  }
}

async function dataOf(document: PdfDocument, item: PdfValue): Promise<Uint8Array | undefined> {
  try {
    const stream = await document.resolve(item)
    if (!isStream(stream)) return undefined
    const data = await document.data(stream as PlacedStream)
    // A copy: what is read is a view of a whole window of the file.
    return new Uint8Array(decodeStream(stream.dict, data))
  } catch (error) {
    if (error instanceof PdfDoubt) return undefined
    throw error
  }
}

export const materialOf = ({ items }: SecurityStore): ValidationMaterial => ({
  certificates: parseCertificates([...items.certificates.values()]),
  crls: [...items.crls.values()],
  ocsps: [...items.ocsps.values()],
})
