import type { NewDocument } from '../db/write-documents.ts'
import type { DocumentEnvelope, StatusEnvelope } from '../domain/envelope.ts'
import { searchTextOf } from '../domain/search-text.ts'
import { urgencyOf } from '../domain/urgency.ts'
import type { ParsedDocument, SealedDocument } from './submission.ts'

/** The row of a document: what its envelope says, and what intake found and made. */
export function documentRecord(document: SealedDocument, acceptedAt: Date, receipt: string): NewDocument {
  const { envelope } = document
  return {
    ...(envelope.kind === 'document' ? documentFacts(envelope) : statusFacts(envelope)),
    key: document.key,
    sender: document.sender.code,
    senderName: document.sender.name,
    clientId: document.caller.clientId,
    submissionKey: document.submissionKey,
    packetSha256: document.packet.sha256,
    packetLength: document.packet.length,
    envelope,
    signatureReport: document.report,
    legalValue: document.legalValue,
    sealSha256: document.seal,
    receipt,
    acceptedAt,
    expansions: document.expansions,
    hops: document.hops,
    cameBy: cameBy(document),
    gatewaySeal: document.gatewaySeal,
    partOf: document.handedIn === null ? null : document.wholeKey,
  }
}

/** The exchange that brought a packet, as records name it; null where the sender's own system did. */
export const cameBy = ({ fromGateway, caller }: ParsedDocument): string | null =>
  fromGateway?.name ?? (caller.role === 'gateway' ? caller.clientId : null)

type Facts = Pick<
  NewDocument,
  | 'kind'
  | 'operation'
  | 'edxmlDocumentId'
  | 'codeNumber'
  | 'codeNotation'
  | 'subject'
  | 'documentType'
  | 'promulgationDate'
  | 'urgency'
  | 'statusCode'
  | 'searchText'
>

const documentFacts = (envelope: DocumentEnvelope): Facts => ({
  kind: 'document',
  operation: envelope.business.operation,
  edxmlDocumentId: envelope.documentId ?? null,
  codeNumber: envelope.codeNumber ?? null,
  codeNotation: envelope.codeNotation ?? null,
  subject: envelope.subject ?? null,
  documentType: envelope.documentType?.typeName ?? null,
  promulgationDate: envelope.promulgationDate ?? null,
  urgency: urgencyOf(envelope.priority),
  statusCode: null,
  searchText: searchTextOf([
    envelope.subject,
    `${envelope.codeNumber ?? ''}/${envelope.codeNotation ?? ''}`,
    envelope.documentId,
    envelope.from.organName,
    envelope.signer?.fullName,
  ]),
})

const statusFacts = (envelope: StatusEnvelope): Facts => ({
  kind: 'status',
  operation: null,
  edxmlDocumentId: null,
  codeNumber: null,
  codeNotation: null,
  subject: null,
  documentType: null,
  promulgationDate: null,
  urgency: 0,
  statusCode: envelope.statusCode,
  searchText: searchTextOf([
    envelope.responseFor.code,
    envelope.responseFor.documentId,
    envelope.description,
  ]),
})
