import type { Attachment } from './envelope.ts'
import type { Sha256 } from './identifiers.ts'

/** A file that the gateway's seal covers, under its name in the ASiC-E container. */
export interface SealedObject {
  readonly name: string
  readonly mimeType: string
  readonly sha256: Sha256
}

const EXTENSIONS: Record<string, string> = {
  'application/pdf': '.pdf',
  'application/zip': '.zip',
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'application/pkcs7-signature': '.p7s',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': '.docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': '.xlsx',
}

/** What the seal of a document covers: the packet as received, then each attachment. Names are plain ASCII. */
export function sealedObjects(packet: Sha256, attachments: readonly Attachment[]): SealedObject[] {
  return [
    { name: 'packet.edxml', mimeType: 'application/xml', sha256: packet },
    ...attachments.map((attachment, index) => {
      const mimeType = attachment.sniffedType ?? 'application/octet-stream'
      const number = String(index + 1).padStart(3, '0')
      return {
        name: `attachment-${number}${EXTENSIONS[mimeType] ?? '.bin'}`,
        mimeType,
        sha256: attachment.sha256,
      }
    }),
  ]
}
