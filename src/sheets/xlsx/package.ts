import { posix } from 'node:path'
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'
import { GatewayError } from '../../domain/problem.ts'
import { SHEET_LIMITS } from '../limits.ts'
import { beyond, unreadable } from '../refuse.ts'
import { malformed, readXml } from './xml-events.ts'

/** The files of an .xlsx (OPC, ECMA-376 part 2), unpacked one by one when they are asked for. */
export interface Package {
  has(path: string): boolean
  /** @throws GatewayError `sheet-invalid` where it cannot be unpacked, or becomes too large */
  part(path: string): AsyncGenerator<Uint8Array>
}

const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex')

/** @throws GatewayError `sheet-invalid` for anything but a plain ZIP of a reasonable size */
export async function openPackage(bytes: Uint8Array): Promise<Package> {
  if (bytes.length > SHEET_LIMITS.fileBytes) throw beyond('fileBytes', SHEET_LIMITS.fileBytes)
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.subarray(0, OLE.length).equals(OLE))
    throw unreadable('xlsx-old-or-encrypted', {
      vi: 'Tệp là .xls kiểu cũ hoặc có mật khẩu. Lưu lại dưới dạng .xlsx không mật khẩu.',
      en: 'The file is an old .xls or has a password. Save it as an .xlsx without one.',
    })
  try {
    const zip = await fromBufferPromise(file, { lazyEntries: true, validateEntrySizes: true })
    const entries = await directoryOf(zip)
    return { has: (path) => entries.has(path), part: (path) => unpack(zip, entries.get(path)) }
  } catch (error) {
    throw asRefusal(error)
  }
}

async function directoryOf(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>()
  const names = new Set<string>()
  if (zip.entryCount > SHEET_LIMITS.parts) throw beyond('parts', SHEET_LIMITS.parts)
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.toLowerCase()
    // Programs would choose differently between two.
    if (names.has(name)) throw malformed(`${entry.fileName.slice(0, 100)} twice`)
    names.add(name)
    entries.set(entry.fileName, entry)
  }
  return entries
}

async function* unpack(zip: ZipFile, entry: Entry | undefined): AsyncGenerator<Uint8Array> {
  if (entry === undefined) throw malformed('a part is missing')
  if (entry.isEncrypted()) throw malformed('encrypted')
  if (entry.uncompressedSize > SHEET_LIMITS.partBytes) throw beyond('partBytes', SHEET_LIMITS.partBytes)
  let length = 0
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      length += (chunk as Buffer).length
      if (length > SHEET_LIMITS.partBytes) throw beyond('partBytes', SHEET_LIMITS.partBytes)
      yield chunk as Buffer
    }
  } catch (error) {
    throw asRefusal(error)
  }
}

const asRefusal = (error: unknown): unknown =>
  error instanceof GatewayError
    ? error
    : malformed(error instanceof Error ? error.message.slice(0, 200) : 'zip')

export interface Relation {
  readonly type: string
  /** Path of a part of the package; null where it leads out of it. */
  readonly target: string | null
}

/** Where a part leads, by the ids of its relations. @param path of the part; `` for the package itself */
export async function relationsOf(files: Package, path: string): Promise<ReadonlyMap<string, Relation>> {
  const folder = posix.dirname(path)
  const place = posix.join(folder, '_rels', `${posix.basename(path)}.rels`)
  const relations = new Map<string, Relation>()
  if (!files.has(place)) return relations
  await readXml(files.part(place), {
    open: (name, attributes) => {
      if (name !== 'Relationship') return
      const { Id, Type, Target, TargetMode } = attributes()
      if (Id === undefined || Target === undefined) return
      // They lead to parts, most of them.
      if (relations.size === SHEET_LIMITS.parts) throw beyond('parts', SHEET_LIMITS.parts)
      const inside = TargetMode !== 'External'
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target)
      relations.set(Id, { type: Type?.split('/').at(-1) ?? '', target: inside ? target : null })
    },
  })
  return relations
}
