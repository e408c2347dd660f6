import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { BlobStore } from '../blobs/store.ts'
import { type DocumentRecord, listAttachments } from '../db/documents.ts'
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
  open(): Readable
}

export interface ContentDependencies {
  readonly pool: Pool
  readonly blobs: BlobStore
}

/** The packet, byte for byte as received. @throws GatewayError `storage-unavailable` */
export const packetContent = (
  { blobs }: ContentDependencies,
  { packetSha256, packetLength, key }: DocumentRecord,
): Promise<Content> =>
  blobContent(blobs, { sha256: packetSha256, length: packetLength }, 'application/xml', `${key}.edxml`)

/**
 * One attachment as decoded from the packet.
 * @param number 1 is the first
 * @throws GatewayError `not-found` where there is none of this number, `storage-unavailable`
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
 * @throws GatewayError `storage-unavailable`
 */
export async function containerContent(
  { pool, blobs }: ContentDependencies,
  document: DocumentRecord,
): Promise<Content> {
  const attachments = await attachmentsOf(pool, document)
  const lengths = [document.packetLength, ...attachments.map(({ length }) => length)]
  const objects = sealedObjects(document.packetSha256, attachments)
  for (const [index, { sha256 }] of objects.entries()) {
    await requireBlob(blobs, { sha256, length: lengths[index]! })
  }
  const seal = await buffer(blobs.read(await sealOf(pool, document)))
  const evidence = [
    ...(await gatewaySealFile(blobs, document)),
    ...evidenceFiles(await findEvidence(pool, document.key)),
  ]
  // The seal finds its objects by the names that it had for them.
  const names = sealedNames(seal, objects)
  const entries = objects.map(({ mimeType, sha256 }, index) => {
    const blob = { sha256, length: lengths[index]! }
    return { name: names[index]!, mimeType, length: blob.length, open: () => verifiedRead(blobs, blob) }
  })
  return {
    mediaType: 'application/vnd.etsi.asic-e+zip',
    fileName: `${document.key}.asice`,
    open: () => asicContainer(entries, seal, evidence),
  }
}

/** The seal with which another gateway brought the document, as it was given. @throws GatewayError `storage-unavailable` */
export async function gatewaySealFile(
  blobs: BlobStore,
  { gatewaySeal }: DocumentRecord,
): Promise<AccompanyingFile[]> {
  if (gatewaySeal === null) return []
  const bytes = await buffer(blobs.read(gatewaySeal)).catch((cause: unknown) => {
    throw new GatewayError('storage-unavailable', { cause, retryAfter: 60 })
  })
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

async function blobContent(
  blobs: BlobStore,
  { sha256, length }: Blob,
  mediaType: string,
  fileName: string,
): Promise<Content> {
  const blob = { sha256, length }
  await requireBlob(blobs, blob)
  return { mediaType, fileName, blob, open: () => verifiedRead(blobs, blob) }
}

/** Found missing before the answer begins, a blob is a 503 that says so; found missing after, a broken connection. */
async function requireBlob(blobs: BlobStore, { sha256, length }: Blob): Promise<void> {
  const found = await blobs.length(sha256)
  if (found !== length) {
    throw lost(new Error(`blob ${sha256}: ${length} bytes expected, ${found ?? 'nothing'} found`))
  }
}

const lost = (cause: Error): GatewayError =>
  new GatewayError('storage-unavailable', { cause, retryAfter: 60 })

/** The last bytes are let go only when the whole is what was stored: a rotten disk ends in a broken download. */
const verifiedRead = (blobs: BlobStore, blob: Blob): Readable => Readable.from(verified(blobs, blob))

async function* verified(blobs: BlobStore, { sha256 }: Blob): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let held: Uint8Array | undefined
  for await (const chunk of blobs.read(sha256) as AsyncIterable<Uint8Array>) {
    hash.update(chunk)
    if (held !== undefined) yield held
    held = chunk
  }
  if (hash.digest('hex') !== sha256)
    throw lost(new Error(`blob ${sha256} does not have the bytes that it is named by`))
  if (held !== undefined) yield held
}
