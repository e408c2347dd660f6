import type { ByteSource } from '../byte-source.ts'
import { type CheckedSignature, checking, SignatureStop, unverifiable } from '../checks.ts'
import { checkCadesFile, checkTimestampFile } from './asic-cades.ts'
import type { OpenContainer, OpenManifest } from './asic-container.ts'
import { entryDigests } from './asic-digests.ts'
import { readManifest } from './asic-manifest.ts'
import { dataObjects, metaFiles } from './asic-names.ts'
import { checkXadesFile } from './asic-xades.ts'
import { type Container, openContainer, readEntry } from './asic-zip.ts'
import type { Given } from './given.ts'

const MAX_SIGNATURE_FILES = 64
/** Of one file in META-INF. */
const MAX_META_BYTES = 16 * 1024 * 1024
const ZIP_ENTRY = Buffer.from('504b0304', 'hex')
const MIME_TYPE = 'mimetypeapplication/vnd.etsi.asic-'

/** Whether a file may be an ASiC container: any ZIP file may, for the entry that says so is optional. */
export const looksLikeAsic = (head: Uint8Array): boolean =>
  Buffer.compare(Buffer.from(head.subarray(0, 4)), ZIP_ENTRY) === 0

/**
 * Checks every signature and timestamp of an ASiC-S or ASiC-E container (ETSI EN 319 162-1): XAdES over entries by
 * their names, CAdES and timestamps over one entry or over a manifest of digests. A signature covers the whole where
 * it names every data object. Empty for a ZIP file without signatures.
 * @throws only what `content.read` throws
 */
export async function checkAsic(content: ByteSource, given: Given = {}): Promise<CheckedSignature[]> {
  try {
    const container = await openContainer(content)
    const files = metaFiles(container)
    const count = files.xades.length + files.cades.length + files.timestamps.length
    if (count === 0) return []
    if (count > MAX_SIGNATURE_FILES) throw unverifiable('form', 'too-many-signatures', String(count))
    return await checkFiles({
      container,
      files,
      digests: entryDigests(container),
      objects: dataObjects(container),
      manifests: await readManifests(container, files.manifests.slice(0, MAX_SIGNATURE_FILES)),
      given,
    })
  } catch (error) {
    if (!(error instanceof SignatureStop)) throw error
    return (await saysAsic(content)) ? [await checking('cms', () => Promise.reject(error))] : []
  }
}

/** Whether the file calls itself an ASiC container: then that it cannot be read is to be told. */
async function saysAsic(content: ByteSource): Promise<boolean> {
  const head = await content.read(0, Math.min(content.length, 1024))
  return Buffer.from(head).includes(MIME_TYPE) || Buffer.from(head).includes('META-INF/')
}

async function readManifests(
  container: Container,
  names: readonly string[],
): Promise<OpenContainer['manifests']> {
  const found = new Map<string, OpenManifest>()
  for (const name of names) {
    const bytes = await readEntry(container.get(name)!, MAX_META_BYTES)
    const manifest = bytes && readManifest(bytes)
    if (bytes !== undefined && manifest !== undefined) found.set(name, { manifest, bytes })
  }
  return found
}

/** What checks a signature file of META-INF, by its kind. */
const CHECKS = [
  ['xades', 'xmldsig', checkXadesFile],
  ['cades', 'cms', checkCadesFile],
  ['timestamps', 'cms', checkTimestampFile],
] as const

async function checkFiles(open: OpenContainer): Promise<CheckedSignature[]> {
  const found: CheckedSignature[] = []
  for (const [kind, format, check] of CHECKS) {
    for (const name of open.files[kind]) {
      const bytes = await readEntry(open.container.get(name)!, MAX_META_BYTES)
      found.push(...(bytes === undefined ? [await unreadable(format, name)] : await check(open, name, bytes)))
    }
  }
  return found
}

const unreadable = (format: CheckedSignature['format'], name: string): Promise<CheckedSignature> =>
  checking(format, () => Promise.reject(unverifiable('form', 'container-unreadable', name)))
