import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Business } from '../../src/domain/envelope.ts'
import { agencyCode, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import type { AttachmentInput, DocumentInput } from '../../src/edxml/build/build-document-packet.ts'
import { buildDocumentPacket } from '../../src/edxml/build/build-document-packet.ts'
import { buildStatusPacket } from '../../src/edxml/build/build-status-packet.ts'

export interface PacketFacts {
  readonly from: string
  readonly to: readonly string[]
  readonly documentId: string
  readonly subject?: string
  readonly notation?: string
  /** The name of the kind of document; a letter where left out. */
  readonly typeName?: string
  readonly priority?: number
  readonly business?: Partial<Business>
  readonly attachments?: readonly {
    readonly name: string
    readonly type: string
    readonly bytes: Uint8Array
  }[]
}

const NEW: Business = { operation: 'new', receivers: [], replacements: [] }

/** A packet with a document, as a sound sender builds it. */
export function documentPacket(facts: PacketFacts): Promise<Buffer> {
  const input: DocumentInput = {
    from: { organId: agencyCode(facts.from), organName: `Cơ quan ${facts.from}` },
    to: facts.to.map((code) => ({ organId: agencyCode(code), organName: `Cơ quan ${code}` })),
    documentId: edxmlDocumentId(facts.documentId),
    codeNumber: facts.documentId.replace(/\D/g, '').slice(-4) || '1',
    codeNotation: facts.notation ?? 'BTN-VP',
    place: 'Hà Nội',
    promulgationDate: '2026/11/20',
    documentType: { type: 2, typeDetail: 18, typeName: facts.typeName ?? 'Công văn' },
    subject: facts.subject ?? 'V/v thử nghiệm liên thông văn bản',
    signer: { competence: 'TM.', position: 'Chánh Văn phòng', fullName: 'Nguyễn Văn Thử' },
    toPlaces: [],
    priority: facts.priority ?? 0,
    appendixes: [],
    responseFor: [],
    trace: [],
    business: { ...NEW, ...facts.business },
  }
  const attachments = (facts.attachments ?? []).map(
    ({ name, type, bytes }): AttachmentInput => ({
      name,
      contentType: type,
      read: () => Readable.from([bytes]),
    }),
  )
  return buffer(Readable.from(buildDocumentPacket(input, attachments)))
}

export interface StatusFacts {
  readonly from: string
  /** The other party. */
  readonly to: string
  readonly documentId: string
  readonly code: string
  readonly description?: string
  readonly timestamp?: string
}

/** A status packet, as a sound DMS builds it. */
export const statusPacket = (facts: StatusFacts): Uint8Array =>
  buildStatusPacket({
    from: { organId: agencyCode(facts.from), organName: `Cơ quan ${facts.from}` },
    responseFor: { organId: agencyCode(facts.to), documentId: edxmlDocumentId(facts.documentId) },
    statusCode: facts.code,
    description: facts.description ?? 'Trạng thái',
    timestamp: facts.timestamp ?? '2026/11/20 08:00:00',
  })
