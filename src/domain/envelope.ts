import type { BusinessOperation } from './business-operation.ts'
import type { AgencyCode, EdxmlDocumentId, Sha256 } from './identifiers.ts'
import type { StatusCode } from './status-code.ts'

/** From, To: one agency as a packet names it (QCVN 102:2016 §1.1, §1.2). */
export interface Organ {
  readonly organId: AgencyCode
  readonly organizationInCharge?: string
  readonly organName?: string
  readonly organAdd?: string
  readonly email?: string
  readonly telephone?: string
  readonly fax?: string
  readonly website?: string
}

/** ResponseFor (§1.12): the document that this one answers. */
export interface ResponseFor {
  readonly organId?: AgencyCode
  /** `number/notation` in one string, such as `7816/VPCP-TTĐT`. */
  readonly code?: string
  readonly promulgationDate?: string
  readonly documentId?: EdxmlDocumentId
}

export interface StaffInfo {
  readonly department?: string
  readonly staff?: string
  readonly mobile?: string
  readonly email?: string
}

export interface TraceHeader {
  readonly organId?: string
  /** `yyyy/MM/dd HH:mm:ss`, Vietnam time, as on the wire. */
  readonly timestamp?: string
}

/** An update's change of the recipient list (§2.2.3): `removed` is ReceiverType 0, `added` is 1. */
export interface ReceiverChange {
  readonly organId: AgencyCode
  readonly change: 'removed' | 'added'
}

/** One replaced document and the agencies for which it is replaced (§2.2.8); no agencies means all. */
export interface Replacement {
  readonly documentId: EdxmlDocumentId
  readonly organIds: readonly AgencyCode[]
}

/** Bussiness (sic, §2.2): what the sender does with this packet. */
export interface Business {
  readonly operation: BusinessOperation
  readonly reason?: string
  /** The document that is recalled or updated. */
  readonly documentId?: EdxmlDocumentId
  /** BussinessDocumentInfo/DocumentInfo and /DocumentReceiver: which part an update changes. */
  readonly updates?: { readonly documentInfo: boolean; readonly documentReceiver: boolean }
  readonly receivers: readonly ReceiverChange[]
  readonly staff?: StaffInfo
  /** Kept as on the wire: sources disagree whether it is a flag or a page count. */
  readonly paper?: string
  readonly replacements: readonly Replacement[]
}

/**
 * One attachment of a packet, joined over manifest Reference and Attachment by ContentId (compared after
 * stripping every leading `cid:`). `content` is what was decoded from base64, before any unzipping.
 */
export interface Attachment {
  readonly contentId: string
  readonly name: string
  /** As declared by the sender, which is often wrong: see `sniffedType`. */
  readonly contentType?: string
  /** From the first bytes of the content: `application/pdf`, `application/zip`, ... or undefined. */
  readonly sniffedType?: string
  readonly description?: string
  readonly sha256: Sha256
  /** Length of the decoded content in bytes. */
  readonly length: number
}

/** The facts of a packet that carries a document (kinds new, recall, update, replace). Dates `yyyy/MM/dd` as sent. */
export interface DocumentEnvelope {
  readonly kind: 'document'
  readonly from: Organ
  readonly to: readonly Organ[]
  readonly documentId?: EdxmlDocumentId
  readonly codeNumber?: string
  readonly codeNotation?: string
  readonly place?: string
  readonly promulgationDate?: string
  readonly documentType?: { readonly type?: number; readonly typeDetail?: number; readonly typeName?: string }
  readonly subject?: string
  readonly content?: string
  readonly signer?: { readonly competence?: string; readonly position?: string; readonly fullName?: string }
  readonly dueDate?: string
  readonly toPlaces: readonly string[]
  /** OtherInfo/Priority, 0 to 4; undefined where absent or out of range. */
  readonly priority?: number
  readonly sphereOfPromulgation?: string
  readonly typerNotation?: string
  readonly promulgationAmount?: number
  readonly pageAmount?: number
  readonly appendixes: readonly string[]
  readonly responseFor: readonly ResponseFor[]
  /** Kept as an integer and not interpreted: sources disagree on its meaning. */
  readonly steeringType?: number
  readonly trace: readonly TraceHeader[]
  readonly business: Business
  readonly attachments: readonly Attachment[]
}

/** The facts of a status packet: one recipient tells about one document. No To, no Body. */
export interface StatusEnvelope {
  readonly kind: 'status'
  readonly from: Organ
  /** `responseFor.organId` is the other party: where this status is routed to. */
  readonly responseFor: ResponseFor
  /** One of the known codes or any other two-digit text: unknown codes are stored and passed on. */
  readonly statusCode: StatusCode | (string & {})
  readonly description?: string
  /** `yyyy/MM/dd HH:mm:ss`, Vietnam time, as on the wire. */
  readonly timestamp?: string
  readonly staff?: StaffInfo
}

export type Envelope = DocumentEnvelope | StatusEnvelope
