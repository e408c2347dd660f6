/** How much of a file's beginning `sniffType` wants to see, in bytes. */
export const SNIFF_BYTES = 4096

interface Magic {
  readonly type: string
  readonly matches: (head: Buffer) => boolean
}

const starts = (type: string, ...bytes: number[]): Magic => ({
  type,
  matches: (head) => bytes.every((byte, at) => head[at] === byte),
})

const ZIP = starts('application/zip', 0x50, 0x4b, 0x03, 0x04)
const EMPTY_ZIP = starts('application/zip', 0x50, 0x4b, 0x05, 0x06)
const OFFICE = 'application/vnd.openxmlformats-officedocument'
const OOXML_PARTS: readonly { readonly part: string; readonly type: string }[] = [
  { part: 'word/', type: `${OFFICE}.wordprocessingml.document` },
  { part: 'xl/', type: `${OFFICE}.spreadsheetml.sheet` },
  { part: 'ppt/', type: `${OFFICE}.presentationml.presentation` },
]

const MAGICS: readonly Magic[] = [
  ZIP,
  EMPTY_ZIP,
  starts('image/png', 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  starts('image/jpeg', 0xff, 0xd8, 0xff),
  starts('image/gif', 0x47, 0x49, 0x46, 0x38),
  starts('image/tiff', 0x49, 0x49, 0x2a, 0x00),
  starts('image/tiff', 0x4d, 0x4d, 0x00, 0x2a),
  // OLE2: doc, xls, ppt and others alike
  starts('application/x-ole-storage', 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1),
  starts('application/x-7z-compressed', 0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c),
  starts('application/vnd.rar', 0x52, 0x61, 0x72, 0x21, 0x1a, 0x07),
  starts('application/gzip', 0x1f, 0x8b, 0x08),
  starts('application/rtf', 0x7b, 0x5c, 0x72, 0x74, 0x66),
  starts('application/x-msdownload', 0x4d, 0x5a),
  starts('application/x-executable', 0x7f, 0x45, 0x4c, 0x46),
  { type: 'application/pkcs7-signature', matches: isCmsSignedData },
  {
    type: 'application/xml',
    matches: (head) => /^(?:\xef\xbb\xbf)?\s*<\?xml\s/.test(head.toString('latin1', 0, 64)),
  },
  // A PDF may begin anywhere in the first 1024 bytes (ISO 32000-1 annex H, note 13); so may one stored in a zip.
  { type: 'application/pdf', matches: (head) => head.subarray(0, 1024).includes('%PDF-') },
]

// 1.2.840.113549.1.7.2, id-signedData (RFC 5652 §5.1)
const SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex')

/** A SEQUENCE, in any form of length, whose first member is the type id-signedData. */
function isCmsSignedData(head: Buffer): boolean {
  const at = head.indexOf(SIGNED_DATA)
  return head[0] === 0x30 && at >= 2 && at <= 6
}

/** Whether these are the first bytes of a zip that holds something, Office files among them. */
export const isZip = (head: Uint8Array): boolean =>
  ZIP.matches(Buffer.from(head.buffer, head.byteOffset, head.byteLength))

/**
 * The media type that the first bytes of a file show, or undefined. What a sender declares is often wrong, so checks go
 * by this. `head` should hold `SNIFF_BYTES` where the file has as many.
 */
export function sniffType(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const found = MAGICS.find((magic) => magic.matches(bytes))?.type
  return found === ZIP.type ? zipFlavour(bytes) : found
}

/** Office files are zips that say so in the names of their first entries. */
function zipFlavour(head: Buffer): string {
  if (head.toString('latin1', 30, 38) === 'mimetype') return openDocumentType(head)
  if (!head.includes('[Content_Types].xml') && !head.includes('_rels/.rels')) return ZIP.type
  return OOXML_PARTS.find(({ part }) => head.includes(part))?.type ?? ZIP.type
}

/** OpenDocument stores its media type uncompressed as the first entry (ODF 1.3 part 2 §3.3). */
function openDocumentType(head: Buffer): string {
  const type = head.toString('latin1', 38, 38 + head.readUInt32LE(18))
  return /^application\/[\w.+-]+$/.test(type) ? type : ZIP.type
}
