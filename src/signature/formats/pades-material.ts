import { createHash } from 'node:crypto'
import type { ValidationMaterial } from '../validation-material.ts'
import { parseCertificates } from '../x509/certificate.ts'
import type { PdfDocument, PlacedStream } from './pdf-document.ts'
import { decodeStream } from './pdf-file.ts'
import { isArray, isDict, isReference, isStream, PdfDoubt, type PdfValue } from './pdf-syntax.ts'

const MAX_ITEMS = 1024
const MAX_BYTES = 32 * 1024 * 1024
const MAX_VRI = 256
/** Items of lists, over all revisions. */
const MAX_LISTED = 500_000

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
  /** What each place holds, as SHA-256: a later revision may hold the same data in another object. */
  readonly digests: Map<string, string>
  bytes: number
  listed: number
}

export const newStore = (): SecurityStore => ({
  items: { certificates: new Map(), crls: new Map(), ocsps: new Map() },
  digests: new Map(),
  bytes: 0,
  listed: 0,
})

/**
 * Takes what the store of one revision holds; a stream that cannot be read is left out. Gives what it holds, by digests
 * or by places where the data was not read.
 * @throws PdfDoubt
 */
export async function takeSecurityStore(
  document: PdfDocument,
  root: number,
  store: SecurityStore,
): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  const catalog = await document.object(root)
  const security = isDict(catalog) ? await document.resolve(catalog.get('/DSS')) : undefined
  if (!isDict(security)) return held
  const related = await document.resolve(security.get('/VRI'))
  const entries = isDict(related) ? [...related.values()].slice(0, MAX_VRI) : []
  for (const entry of [security, ...entries]) {
    const holder = await document.resolve(entry)
    if (!isDict(holder)) continue
    for (const kind of Object.keys(LISTS) as Kind[])
      for (const key of LISTS[kind])
        for (const place of await takeList(document, holder.get(key), store, kind))
          held.add(store.digests.get(place) ?? place)
  }
  return held
}

async function takeList(
  document: PdfDocument,
  value: PdfValue | undefined,
  store: SecurityStore,
  kind: Kind,
): Promise<ReadonlySet<string>> {
  const places = new Set<string>()
  const list = await document.resolve(value)
  if (!isArray(list)) return places
  for (const item of list) {
    if (++store.listed > MAX_LISTED) return places
    const place = isReference(item) ? document.location(item.ref) : undefined
    const { items } = store
    if (!isReference(item) || place === undefined) continue
    places.add(place)
    if (items[kind].has(place)) continue
    const count = items.certificates.size + items.crls.size + items.ocsps.size
    if (count >= MAX_ITEMS || store.bytes >= MAX_BYTES) continue
    const data = await dataOf(document, item)
    if (data === undefined) continue
    store.bytes += data.length
    items[kind].set(place, data)
    store.digests.set(place, createHash('sha256').update(data).digest('base64'))
  }
  return places
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
