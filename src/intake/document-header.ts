import type { BusinessOperation } from '../domain/business-operation.ts'
import type { Organ, ReceiverChange, StaffInfo } from '../domain/envelope.ts'
import { type AgencyCode, agencyCode, type EdxmlDocumentId, edxmlDocumentId } from '../domain/identifiers.ts'
import type { DocumentInput } from '../edxml/build/build-document-packet.ts'

/** An agency as a sender names it. */
export type NamedOrgan = Omit<Organ, 'organId'> & { readonly organId: string }

export interface NamedDocument {
  readonly organId?: string
  /** `number/notation`. */
  readonly code?: string
  readonly promulgationDate?: string
  readonly documentId?: string
}

export interface BusinessHeader {
  readonly operation: BusinessOperation
  readonly reason?: string
  readonly documentId?: string
  readonly updates?: { readonly documentInfo: boolean; readonly documentReceiver: boolean }
  readonly receivers?: readonly { readonly organId: string; readonly change: ReceiverChange['change'] }[]
  readonly staff?: StaffInfo
  readonly paper?: string
  readonly replacements?: readonly { readonly documentId: string; readonly organIds?: readonly string[] }[]
}

/** What a system says of a document for which the gateway writes the packet. Days are `yyyy-MM-dd` or `yyyy/MM/dd`. */
export interface DocumentHeader {
  /** The caller's own agency where absent. */
  readonly from?: NamedOrgan
  readonly to: readonly NamedOrgan[]
  /** Made from sender, date, number and notation where absent. */
  readonly documentId?: string
  readonly codeNumber: string
  readonly codeNotation: string
  /** `N/A` where absent, as packets of the axis have it. */
  readonly place?: string
  readonly promulgationDate: string
  /** Type is 2, administrative document, where absent. */
  readonly documentType: { readonly type?: number; readonly typeDetail?: number; readonly typeName: string }
  readonly subject: string
  readonly content?: string
  readonly signer: { readonly competence?: string; readonly position?: string; readonly fullName: string }
  readonly dueDate?: string
  readonly toPlaces?: readonly string[]
  readonly priority?: number
  readonly sphereOfPromulgation?: string
  readonly typerNotation?: string
  readonly promulgationAmount?: number
  readonly pageAmount?: number
  readonly appendixes?: readonly string[]
  readonly responseFor?: readonly NamedDocument[]
  readonly steeringType?: number
  readonly business?: BusinessHeader
}

/** A day as edXML writes it. */
const edxmlDay = (day: string): string => day.replaceAll('-', '/')
const optionalDay = (day: string | undefined): string | undefined =>
  day === undefined ? undefined : edxmlDay(day)
const organ = (named: NamedOrgan): Organ => ({ ...named, organId: agencyCode(named.organId) })
const optionalId = (id: string | undefined): EdxmlDocumentId | undefined =>
  id === undefined ? undefined : edxmlDocumentId(id)

/** `OrganId,yyyy/MM/dd,number/notation`, the form of the official samples (QCVN 102:2016 §1.14). */
const usualDocumentId = (
  from: string,
  { promulgationDate, codeNumber, codeNotation }: DocumentHeader,
): string => `${from},${edxmlDay(promulgationDate)},${codeNumber}/${codeNotation}`

/**
 * What a header says, as the packet builder takes it. It depends on the header and the sender alone, so that the same
 * document gives the same bytes however often it is sent.
 * @param agency who sends where the header names nobody
 */
export function documentInput(header: DocumentHeader, agency: AgencyCode): DocumentInput {
  const from = header.from ?? { organId: agency }
  return {
    ...header,
    from: organ(from),
    to: header.to.map(organ),
    documentId: edxmlDocumentId(header.documentId ?? usualDocumentId(from.organId, header)),
    place: header.place ?? 'N/A',
    documentType: { type: 2, ...header.documentType },
    promulgationDate: edxmlDay(header.promulgationDate),
    dueDate: optionalDay(header.dueDate),
    responseFor: header.responseFor?.map(({ organId, documentId, promulgationDate, code }) => ({
      organId: organId === undefined ? undefined : agencyCode(organId),
      code,
      promulgationDate: optionalDay(promulgationDate),
      documentId: optionalId(documentId),
    })),
    business: businessInput(header.business ?? { operation: 'new' }),
  }
}

const businessInput = (business: BusinessHeader): DocumentInput['business'] => ({
  ...business,
  documentId: optionalId(business.documentId),
  receivers: business.receivers?.map(({ organId, change }) => ({ organId: agencyCode(organId), change })),
  replacements: business.replacements?.map(({ documentId, organIds = [] }) => ({
    documentId: edxmlDocumentId(documentId),
    organIds: organIds.map(agencyCode),
  })),
})
