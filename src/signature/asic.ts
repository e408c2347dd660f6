import { PassThrough, pipeline, type Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { safeNames } from './container-names.ts'

const MIME_TYPE = 'application/vnd.etsi.asic-e+zip'

export interface ContainerEntry {
  readonly name: string
  readonly mimeType: string
  /** In bytes, where known: spares the container a data descriptor. */
  readonly length?: number
  /** Called when the entry's turn comes, once. */
  open(): Readable
}

/** A file that goes along under META-INF: it is no data object, and no signature is over it. */
export interface AccompanyingFile {
  /** Below META-INF, ASCII. */
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * An ASiC-E container (ETSI EN 319 162-1 §4.4) as a stream: mimetype first and uncompressed, then the objects in
 * order under the names that the seal knows them by, then META-INF. The signature must be over the same objects in
 * the same order. An error of an entry's stream destroys the container's, and the other way round.
 */
export function asicContainer(
  entries: readonly ContainerEntry[],
  signatureXml: Uint8Array,
  accompanying: readonly AccompanyingFile[] = [],
): Readable {
  const zip = new ZipFile()
  const output = new PassThrough()
  let open: Readable | undefined
  const names = safeNames(entries.map(({ name }) => name))
  // A fixed time: the container of one document is the same whenever it is asked for.
  const mtime = new Date(Date.UTC(2000, 0, 1))
  zip.addBuffer(Buffer.from(MIME_TYPE), 'mimetype', { compress: false, mtime, forceDosTimestamp: true })
  entries.forEach((entry, index) => {
    const options = { compress: true, mtime, ...(entry.length !== undefined && { size: entry.length }) }
    zip.addReadStreamLazy(names[index]!, options, (give) => {
      open = entry.open()
      open.once('error', (error) => output.destroy(error))
      give(null, open)
    })
  })
  const manifest = Buffer.from(manifestText(names, entries))
  zip.addBuffer(manifest, 'META-INF/manifest.xml', { compress: true, mtime })
  zip.addBuffer(Buffer.from(signatureXml), 'META-INF/signatures001.xml', { compress: true, mtime })
  for (const { name, bytes } of accompanying) {
    zip.addBuffer(Buffer.from(bytes), `META-INF/${name}`, { compress: true, mtime })
  }
  // Whoever stops reading, closes the entry that is open as well.
  pipeline(zip.outputStream, output, () => open?.destroy())
  zip.on('error', (error: Error) => output.destroy(error))
  zip.end()
  return output
}

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? '&quot;')

/** OpenDocument manifest (EN 319 162-1 §A.5): what each entry is. */
function manifestText(names: readonly string[], entries: readonly ContainerEntry[]): string {
  const rows = entries.map(
    ({ mimeType }, index) =>
      `  <manifest:file-entry manifest:full-path="${escapeXml(names[index]!)}" manifest:media-type="${escapeXml(mimeType)}"/>\n`,
  )
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">\n` +
    `  <manifest:file-entry manifest:full-path="/" manifest:media-type="${MIME_TYPE}"/>\n` +
    `${rows.join('')}</manifest:manifest>\n`
  )
}
