import { type Static, Type } from 'typebox'
import type { DocumentRecord } from '../../db/documents.ts'
import type { DocumentEnvelope } from '../../domain/envelope.ts'
import { iso, LegalValueId, Nullable, OperationId, Timestamp, UrgencyNumber } from './common.ts'
import { presentReport, SignatureReportSchema } from './signature-report.ts'

const words = Type.Optional(Type.String())
const number = Type.Optional(Type.Integer())

const Organ = Type.Object({
  organId: Type.String(),
  organizationInCharge: words,
  organName: words,
  organAdd: words,
  email: words,
  telephone: words,
  fax: words,
  website: words,
})
const Staff = Type.Object({ department: words, staff: words, mobile: words, email: words })
const ResponseFor = Type.Object({ organId: words, code: words, promulgationDate: words, documentId: words })

/** The header of a packet as its sender wrote it: days are `yyyy/MM/dd`, and may be odd. */
const PacketHeader = Type.Object({
  from: Organ,
  to: Type.Array(Organ),
  documentId: words,
  codeNumber: words,
  codeNotation: words,
  place: words,
  promulgationDate: words,
  documentType: Type.Optional(Type.Object({ type: number, typeDetail: number, typeName: words })),
  subject: words,
  content: words,
  signer: Type.Optional(Type.Object({ competence: words, position: words, fullName: words })),
  dueDate: words,
  toPlaces: Type.Array(Type.String()),
  priority: number,
  sphereOfPromulgation: words,
  typerNotation: words,
  promulgationAmount: number,
  pageAmount: number,
  appendixes: Type.Array(Type.String()),
  responseFor: Type.Array(ResponseFor),
  steeringType: number,
  trace: Type.Array(Type.Object({ organId: words, timestamp: words })),
  business: Type.Object({
    operation: OperationId,
    reason: words,
    documentId: words,
    updates: Type.Optional(Type.Object({ documentInfo: Type.Boolean(), documentReceiver: Type.Boolean() })),
    receivers: Type.Array(Type.Object({ organId: Type.String(), change: Type.String() })),
    staff: Type.Optional(Staff),
    paper: words,
    replacements: Type.Array(Type.Object({ documentId: Type.String(), organIds: Type.Array(Type.String()) })),
  }),
})

const StatusFacts = Type.Object({
  from: Organ,
  responseFor: ResponseFor,
  statusCode: Type.String(),
  description: words,
  timestamp: words,
  staff: Type.Optional(Staff),
})

const AttachmentFacts = Type.Object({
  number: Type.Integer({ description: '1 is the first' }),
  contentId: Type.String(),
  name: Type.String(),
  contentType: Type.Optional(Type.String({ description: 'As the sender declared it' })),
  sniffedType: Type.Optional(Type.String({ description: 'By the first bytes of the content' })),
  description: words,
  sha256: Type.String(),
  length: Type.Integer(),
})

/** What is known of a document, for its sender and its recipients alike. */
export const DOCUMENT_FACTS = {
  documentId: Type.String(),
  kind: Type.Enum(['document', 'status']),
  operation: Nullable(OperationId),
  statusCode: Nullable(Type.String()),
  sender: Type.String(),
  senderName: Type.String({ description: 'On the day of acceptance' }),
  edxmlDocumentId: Nullable(Type.String()),
  acceptedAt: Timestamp,
  urgency: UrgencyNumber,
  legalValue: LegalValueId,
  packetSha256: Type.String(),
  packetLength: Type.Integer(),
  header: Nullable(PacketHeader),
  status: Nullable(StatusFacts),
  attachments: Type.Array(AttachmentFacts),
  signatures: SignatureReportSchema,
  hops: Type.Array(Type.Object({ organId: Type.String(), timestamp: Type.String() }), {
    description: 'The exchanges that the packet passed on its way here, as they tell of themselves',
  }),
  cameBy: Nullable(Type.String({ description: 'The exchange that brought it; null: the sender itself' })),
}
const DocumentFactsSchema = Type.Object(DOCUMENT_FACTS)
export type DocumentFacts = Static<typeof DocumentFactsSchema>

export function presentDocument(document: DocumentRecord): DocumentFacts {
  const { envelope } = document
  return {
    documentId: document.key,
    kind: document.kind,
    operation: document.operation,
    statusCode: document.statusCode,
    sender: document.sender,
    senderName: document.senderName,
    edxmlDocumentId: document.edxmlDocumentId,
    acceptedAt: iso(document.acceptedAt),
    urgency: document.urgency,
    legalValue: document.legalValue,
    packetSha256: document.packetSha256,
    packetLength: document.packetLength,
    header: envelope.kind === 'document' ? presentHeader(envelope) : null,
    status: envelope.kind === 'status' ? envelope : null,
    attachments:
      envelope.kind === 'document'
        ? envelope.attachments.map((attachment, index) => ({ number: index + 1, ...attachment }))
        : [],
    signatures: presentReport(document.signatureReport),
    hops: [...document.hops],
    cameBy: document.cameBy,
  }
}

/** Lists are copied, for the types of answers know no read-only ones. */
const presentHeader = ({ business, ...envelope }: DocumentEnvelope): DocumentFacts['header'] => ({
  ...envelope,
  to: [...envelope.to],
  toPlaces: [...envelope.toPlaces],
  appendixes: [...envelope.appendixes],
  responseFor: [...envelope.responseFor],
  trace: [...envelope.trace],
  business: {
    ...business,
    receivers: [...business.receivers],
    replacements: business.replacements.map(({ documentId, organIds }) => ({
      documentId,
      organIds: [...organIds],
    })),
  },
})
