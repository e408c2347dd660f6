import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { recordEvents } from '../audit/record-events.ts'
import { type DocumentRecord, findDocument } from '../db/documents.ts'
import type { Queryable } from '../db/pool.ts'
import { findEvidence } from '../db/signature-evidence.ts'
import type { Caller } from '../domain/caller.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import type { AcceptanceReceipt } from '../domain/receipt.ts'
import { decodeReceipt } from '../signature/decode-receipt.ts'
import { deliveryReceipts, type ReceiptDependencies } from './delivery-receipts.ts'
import {
  type Content,
  type ContentDependencies,
  containerContent,
  gatewaySealFile,
  sealOf,
} from './document-content.ts'
import { evidenceFiles } from './evidence-files.ts'

export interface DocumentWithReceipt {
  readonly document: DocumentRecord
  /** What the receipt says. Read from our own keeping, not verified. */
  readonly claims: AcceptanceReceipt
}

/** A document, whoever sent it: for auditors. @throws GatewayError `not-found` */
export async function anyDocument(db: Queryable, key: DocumentKey): Promise<DocumentWithReceipt> {
  const document = await findDocument(db, key)
  if (document === undefined) throw new GatewayError('not-found')
  return { document, claims: decodeReceipt(document.receipt) }
}

export interface EvidenceRequest {
  readonly caller: Caller
  readonly document: DocumentKey
  /** Whether the packet and its attachments go with it. */
  readonly content: boolean
  /** What is known of the document beside, to be put into the file. */
  readonly facts: unknown
}

/**
 * The evidence on a document: with its content, the ASiC-E container that third parties can validate; without, a ZIP
 * of receipts, seal, facts and what the signatures were judged by. That it was taken is on record before its first byte leaves.
 * @throws GatewayError `not-found`, `content-damaged`, `storage-unavailable`
 */
export async function takeEvidence(
  dependencies: ContentDependencies & ReceiptDependencies,
  request: EvidenceRequest,
): Promise<Content> {
  const { document } = await anyDocument(dependencies.pool, request.document)
  const evidence = request.content
    ? await containerContent(dependencies, document)
    : await factsOnly(dependencies, document, request.facts)
  await recordEvents(dependencies.pool, [
    {
      kind: 'export-made',
      actor: request.caller.clientId,
      document: document.key,
      detail: { export: 'evidence', content: request.content },
    },
  ])
  return evidence
}

/** Of a circular the first ones; the others are asked for page by page. */
const MOST_RECEIPTS = 500

async function factsOnly(
  dependencies: ContentDependencies & ReceiptDependencies,
  document: DocumentRecord,
  facts: unknown,
): Promise<Content> {
  const { pool, blobs } = dependencies
  const seal = await buffer(blobs.readVerified(await sealOf(pool, document)))
  const receipts = await deliveryReceipts(dependencies, document, null, MOST_RECEIPTS)
  const evidence = [
    ...(await gatewaySealFile(blobs, document)),
    ...evidenceFiles(await findEvidence(pool, document.key)),
  ]
  return {
    mediaType: 'application/zip',
    fileName: `${document.key}-evidence.zip`,
    open() {
      const zip = new ZipFile()
      zip.addBuffer(Buffer.from(document.receipt), 'receipt.jws')
      zip.addBuffer(seal, 'seal.xml')
      for (const { claims, receipt } of receipts)
        zip.addBuffer(Buffer.from(receipt), `deliveries/${claims.delivery}.jws`)
      zip.addBuffer(Buffer.from(JSON.stringify(facts, null, 2)), 'document.json')
      for (const { name, bytes } of evidence) zip.addBuffer(Buffer.from(bytes), name)
      zip.end()
      return new Readable().wrap(zip.outputStream)
    },
  }
}
