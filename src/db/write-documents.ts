import type { GroupExpansion } from '../domain/directory/group.ts'
import type { Attachment } from '../domain/envelope.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import type { DocumentRecord } from './documents.ts'
import { rowsInto } from './write-rows.ts'
import type { Writing } from './write-together.ts'

export interface NewDocument extends DocumentRecord {
  readonly codeNumber: string | null
  readonly codeNotation: string | null
  readonly subject: string | null
  readonly documentType: string | null
  readonly promulgationDate: string | null
  readonly searchText: string
  /** Address groups that its packet names, as they were expanded. */
  readonly expansions: readonly GroupExpansion[]
}

const DOCUMENTS = rowsInto({
  name: 'documents',
  table: 'document',
  columns: {
    id: 'uuid',
    kind: 'text',
    operation: 'text',
    sender_code: 'text',
    client_id: 'text',
    submission_key: 'text',
    edxml_document_id: 'text',
    packet_sha256: 'text',
    packet_length: 'bigint',
    code_number: 'text',
    code_notation: 'text',
    subject: 'text',
    document_type: 'text',
    promulgation_date: 'text',
    urgency: 'smallint',
    status_code: 'text',
    search_text: 'text',
    envelope: 'jsonb',
    signature_report: 'jsonb',
    legal_value: 'text',
    seal_sha256: 'text',
    receipt: 'text',
    accepted_at: 'timestamptz',
    expansions: 'jsonb',
    sender_name: 'text',
    hops: 'jsonb',
    came_by: 'text',
    gateway_seal_sha256: 'text',
    part_of: 'text',
  },
  onConflict: 'on conflict (sender_code, submission_key) do nothing',
})

/** Documents; of submissions that are already there, nothing. */
export const writeDocuments = (documents: readonly NewDocument[]): Writing =>
  DOCUMENTS(
    documents.map((document) => ({
      id: document.key,
      kind: document.kind,
      operation: document.operation,
      sender_code: document.sender,
      client_id: document.clientId,
      submission_key: document.submissionKey,
      edxml_document_id: document.edxmlDocumentId,
      packet_sha256: document.packetSha256,
      packet_length: document.packetLength,
      code_number: document.codeNumber,
      code_notation: document.codeNotation,
      subject: document.subject,
      document_type: document.documentType,
      promulgation_date: document.promulgationDate,
      urgency: document.urgency,
      status_code: document.statusCode,
      search_text: document.searchText,
      envelope: document.envelope,
      signature_report: document.signatureReport,
      legal_value: document.legalValue,
      seal_sha256: document.sealSha256,
      receipt: document.receipt,
      accepted_at: document.acceptedAt,
      expansions: document.expansions,
      sender_name: document.senderName,
      hops: document.hops,
      came_by: document.cameBy,
      gateway_seal_sha256: document.gatewaySeal,
      part_of: document.partOf,
    })),
  )

const ATTACHMENTS = rowsInto({
  name: 'attachments',
  table: 'attachment',
  columns: {
    document_id: 'uuid',
    position: 'smallint',
    content_id: 'text',
    name: 'text',
    content_type: 'text',
    sniffed_type: 'text',
    sha256: 'text',
    length: 'bigint',
  },
})

/** What a document has besides itself. */
export interface Belonging<T> {
  readonly document: DocumentKey
  readonly items: readonly T[]
}

export const writeAttachments = (of: readonly Belonging<Attachment>[]): Writing =>
  ATTACHMENTS(
    of.flatMap(({ document, items }) =>
      items.map((attachment, position) => ({
        document_id: document,
        position,
        content_id: attachment.contentId,
        name: attachment.name,
        content_type: attachment.contentType ?? null,
        sniffed_type: attachment.sniffedType ?? null,
        sha256: attachment.sha256,
        length: attachment.length,
      })),
    ),
  )

const TARGETS = rowsInto({
  name: 'targets',
  table: 'document_target',
  columns: { document_id: 'uuid', target_id: 'uuid' },
})

export const writeTargets = (of: readonly Belonging<DocumentKey>[]): Writing =>
  TARGETS(
    of.flatMap(({ document, items }) => items.map((target_id) => ({ document_id: document, target_id }))),
  )
