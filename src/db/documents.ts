import type { Hop } from '../domain/axis/hop.ts'
import type { BusinessOperation } from '../domain/business-operation.ts'
import type { GroupExpansion } from '../domain/directory/group.ts'
import type { Attachment, Envelope } from '../domain/envelope.ts'
import {
  type AgencyCode,
  agencyCode,
  type DeliveryKey,
  type DocumentKey,
  documentKey,
  type EdxmlDocumentId,
  type Sha256,
  sha256,
} from '../domain/identifiers.ts'
import type { LegalValue, SignatureReport } from '../domain/signature-report.ts'
import type { Urgency } from '../domain/urgency.ts'
import type { Queryable } from './pool.ts'

export interface DocumentRecord {
  readonly key: DocumentKey
  readonly kind: Envelope['kind']
  readonly operation: BusinessOperation | null
  readonly sender: AgencyCode
  /** On the day of acceptance. */
  readonly senderName: string
  readonly clientId: string
  readonly submissionKey: string
  readonly edxmlDocumentId: EdxmlDocumentId | null
  readonly packetSha256: Sha256
  readonly packetLength: number
  readonly urgency: Urgency
  readonly statusCode: string | null
  readonly envelope: Envelope
  readonly signatureReport: SignatureReport
  readonly legalValue: LegalValue
  readonly sealSha256: Sha256
  readonly receipt: string
  readonly acceptedAt: Date
  /** The exchanges that its packet passed, as they tell of themselves. */
  readonly hops: readonly Hop[]
  /** The exchange that brought it; null where the sender's own system did. */
  readonly cameBy: string | null
  /** The seal of the gateway that brought it. */
  readonly gatewaySeal: Sha256 | null
  /** Where it was handed in for some of its recipients: the submission key of the whole. */
  readonly partOf: string | null
}

interface DocumentRow {
  id: string
  kind: Envelope['kind']
  operation: BusinessOperation | null
  sender_code: string
  sender_name: string
  client_id: string
  submission_key: string
  edxml_document_id: string | null
  packet_sha256: string
  packet_length: number
  urgency: Urgency
  status_code: string | null
  envelope: Envelope
  signature_report: SignatureReport
  legal_value: LegalValue
  seal_sha256: string
  receipt: string
  accepted_at: Date
  hops: Hop[]
  came_by: string | null
  gateway_seal_sha256: string | null
  part_of: string | null
}

const COLUMNS = `id, kind, operation, sender_code, coalesce(sender_name, sender_code) as sender_name, client_id, submission_key, edxml_document_id, packet_sha256,
  packet_length, urgency, status_code, envelope, signature_report, legal_value, seal_sha256, receipt, accepted_at,
  hops, came_by, gateway_seal_sha256, part_of`

const toDocument = (row: DocumentRow): DocumentRecord => ({
  key: documentKey(row.id),
  kind: row.kind,
  operation: row.operation,
  sender: agencyCode(row.sender_code),
  senderName: row.sender_name,
  clientId: row.client_id,
  submissionKey: row.submission_key,
  edxmlDocumentId: row.edxml_document_id as EdxmlDocumentId | null,
  packetSha256: sha256(row.packet_sha256),
  packetLength: row.packet_length,
  urgency: row.urgency,
  statusCode: row.status_code,
  envelope: row.envelope,
  signatureReport: row.signature_report,
  legalValue: row.legal_value,
  sealSha256: sha256(row.seal_sha256),
  receipt: row.receipt,
  acceptedAt: row.accepted_at,
  hops: row.hops,
  cameBy: row.came_by,
  gatewaySeal: row.gateway_seal_sha256 === null ? null : sha256(row.gateway_seal_sha256),
  partOf: row.part_of,
})

export async function findDocument(db: Queryable, key: DocumentKey): Promise<DocumentRecord | undefined> {
  const { rows } = await db.query<DocumentRow>({
    name: 'find-document',
    text: `select ${COLUMNS} from document where id = $1`,
    values: [key],
  })
  return rows[0] && toDocument(rows[0])
}

/** The document of a delivery that lies in an agency's inbox and was not withdrawn. */
export async function findInInbox(
  db: Queryable,
  agency: AgencyCode,
  delivery: DeliveryKey,
): Promise<DocumentRecord | undefined> {
  const { rows } = await db.query<DocumentRow>({
    name: 'find-in-inbox',
    text: `select ${COLUMNS} from document where id = (select document_id from delivery
      where id = $1 and recipient_code = $2 and inbox_number is not null and state <> 'withdrawn')`,
    values: [delivery, agency],
  })
  return rows[0] && toDocument(rows[0])
}

/** Address groups as they were expanded for some documents; of a group that several name, as the latest has it. */
export async function findExpansions(
  db: Queryable,
  documents: readonly DocumentKey[],
): Promise<Map<AgencyCode, GroupExpansion>> {
  if (documents.length === 0) return new Map()
  const { rows } = await db.query<{ expansions: GroupExpansion[] }>({
    name: 'find-expansions',
    text: `select expansions from document where id = any($1) and expansions <> '[]' order by accepted_at, id`,
    values: [documents],
  })
  return new Map(rows.flatMap(({ expansions }) => expansions.map((one) => [one.group, one] as const)))
}

export interface AttachmentRecord extends Attachment {
  readonly position: number
}

export async function listAttachments(db: Queryable, document: DocumentKey): Promise<AttachmentRecord[]> {
  const { rows } = await db.query<{
    position: number
    content_id: string
    name: string
    content_type: string | null
    sniffed_type: string | null
    sha256: string
    length: number
  }>(
    `select position, content_id, name, content_type, sniffed_type, sha256, length
      from attachment where document_id = $1 order by position`,
    [document],
  )
  return rows.map((row) => ({
    position: row.position,
    contentId: row.content_id,
    name: row.name,
    contentType: row.content_type ?? undefined,
    sniffedType: row.sniffed_type ?? undefined,
    sha256: sha256(row.sha256),
    length: row.length,
  }))
}
