import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { LOOKED_THROUGH, requireSound } from '../blobs/require-sound.ts'
import type { BlobStore } from '../blobs/store.ts'
import { type DocumentRecord, listAttachments } from '../db/documents.ts'
import type { InboxPacket } from '../db/inbox.ts'
import type { Pool, Queryable } from '../db/pool.ts'
import { currentSeal } from '../db/seal-levels.ts'
import { findEvidence } from '../db/signature-evidence.ts'
import type { Sha256 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { sealedObjects } from '../domain/sealed-objects.ts'
import { type AccompanyingFile, asicContainer } from '../signature/asic.ts'
import { sealedNames } from '../signature/seal-names.ts'
import { evidenceFiles } from './evidence-files.ts'

/** Bytes that can be sent now: everything that they are made of has been found in the store. */
export interface Content {
  readonly mediaType: string
  /** Name for the reader's file system, as the sender gave it. */
  readonly fileName: string
  /** Bytes and digest, where they are known before sending. */
  readonly blob?: { readonly length: number; readonly sha256: Sha256 }
  /** All of it, where it is in memory anyway. */
  readonly bytes?: Uint8Array
  open(): Readable
}

export interface ContentDependencies {
  readonly pool: Pool
  readonly blobs: BlobStore
}

/** The packet, byte for byte as received. @throws GatewayError `content-damaged`, `storage-unavailable` */
export const packetContent = (
  { blobs }: ContentDependencies,
  { packetSha256, packetLength, key }: InboxPacket,
): Promise<Content> =>
  blobContent(blobs, { sha256: packetSha256, length: packetLength }, 'application/xml', `${key}.edxml`)

/**
 * One attachment as decoded from the packet.
 * @param number 1 is the first
 * @throws GatewayError `not-found` where there is none of this number, `content-damaged`, `storage-unavailable`
 */
export async function attachmentContent(
  { pool, blobs }: ContentDependencies,
  document: DocumentRecord,
  number: number,
): Promise<Content> {
  const attachment = (await attachmentsOf(pool, document)).find(({ position }) => position === number - 1)
  if (attachment === undefined) throw new GatewayError('not-found')
  // The sniffed type, never the declared one, which is often wrong and sometimes meant to deceive a browser.
  return blobContent(blobs, attachment, attachment.sniffedType ?? 'application/octet-stream', attachment.name)
}

/**
 * The evidence: an ASiC-E container with the packet, its attachments and the gateway's seal over them, and what their
 * own signatures were judged by.
 * @throws GatewayError `content-damaged`, `storage-unavailable`
 */
export async function containerContent(
  { pool, blobs }: ContentDependencies,
  document: DocumentRecord,
): Promise<Content> {
  const attachments = await attachmentsOf(pool, document)
  const lengths = [document.packetLength, ...attachments.map(({ length }) => length)]
  const objects = sealedObjects(document.packetSha256, attachments)
  for (const [index, { sha256 }] of objects.entries()) {
    await requireSound(blobs, sha256, lengths[index]!)
  }
  const seal = await buffer(blobs.readVerified(await sealOf(pool, document)))
  const evidence = [
    ...(await gatewaySealFile(blobs, document)),
    ...evidenceFiles(await findEvidence(pool, document.key)),
  ]
  // The seal finds its objects by the names that it had for them.
  const names = sealedNames(seal, objects)
  const entries = objects.map(({ mimeType, sha256 }, index) => {
    const blob = { sha256, length: lengths[index]! }
    return { name: names[index]!, mimeType, length: blob.length, open: () => blobs.readVerified(sha256) }
  })
  return {
    mediaType: 'application/vnd.etsi.asic-e+zip',
    fileName: `${document.key}.asice`,
    open: () => asicContainer(entries, seal, evidence),
  }
}

/** The seal with which another gateway brought the document, as it was given. @throws GatewayError `content-damaged`, `storage-unavailable` */
export async function gatewaySealFile(
  blobs: BlobStore,
  { gatewaySeal }: DocumentRecord,
): Promise<AccompanyingFile[]> {
  if (gatewaySeal === null) return []
  const bytes = await buffer(blobs.readVerified(gatewaySeal))
  return [{ name: 'evidence/gateway-seal.xml', bytes }]
}

/** The form of the seal that proves most. */
export const sealOf = async (db: Queryable, { key, sealSha256 }: DocumentRecord): Promise<Sha256> =>
  (await currentSeal(db, key))?.sha256 ?? sealSha256

const attachmentsOf = (db: Queryable, document: DocumentRecord) => listAttachments(db, document.key)

interface Blob {
  readonly sha256: Sha256
  readonly length: number
}

/**
 * Damage to what is short is known before the answer begins, and before a hand-over is on record; to what is long, before
 * its last bytes leave.
 */
async function blobContent(
  blobs: BlobStore,
  { sha256, length }: Blob,
  mediaType: string,
  fileName: string,
): Promise<Content> {
  const blob = { sha256, length }
  if (length > LOOKED_THROUGH) {
    await blobs.require(sha256, length)
    return { mediaType, fileName, blob, open: () => blobs.readVerified(sha256) }
  }
  const bytes = await blobs.readWhole(sha256, length)
  return { mediaType, fileName, blob, bytes, open: () => Readable.from([bytes]) }
}
