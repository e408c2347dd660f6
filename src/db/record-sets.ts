import type { AttemptState } from '../domain/attempt-state.ts'
import type { AuditEventKind } from '../domain/audit-event.ts'
import type { BusinessOperation } from '../domain/business-operation.ts'
import type { ChannelId } from '../domain/channel-id.ts'
import type { DeliveryState } from '../domain/delivery-state.ts'
import type { LegalValue } from '../domain/signature-report.ts'
import { HAS_A_SAY } from './in-flight.ts'
import type { RecordKind } from './search-conditions.ts'

/** What an auditor may look through: the columns of each kind of record, in the order of an export. */
export interface RecordRows {
  documents: {
    id: string
    acceptedAt: Date
    kind: 'document' | 'status'
    operation: BusinessOperation | null
    sender: string
    recipients: number
    states: DeliveryState[]
    edxmlDocumentId: string | null
    codeNumber: string | null
    codeNotation: string | null
    subject: string | null
    documentType: string | null
    promulgationDate: string | null
    urgency: number
    statusCode: string | null
    legalValue: LegalValue
    packetSha256: string
    packetLength: number
    clientId: string
  }
  deliveries: {
    id: string
    acceptedAt: Date
    document: string
    sender: string
    recipient: string
    tier: string
    urgency: number
    channel: ChannelId
    state: DeliveryState
    stateSince: Date
    attempts: number
    nextAttemptAt: Date | null
    inboxNumber: number | null
    handedOverAt: Date | null
    acknowledgedAt: Date | null
    processingStatus: string | null
    requestState: string | null
    reason: unknown
    route: unknown
  }
  attempts: {
    delivery: string
    epoch: number
    document: string
    sender: string
    recipient: string
    channel: ChannelId
    worker: string
    state: AttemptState
    startedAt: Date
    finishedAt: Date | null
    detail: unknown
  }
  statuses: {
    id: string
    receivedAt: Date
    delivery: string
    document: string
    sender: string
    recipient: string
    code: string
    description: string | null
    staff: unknown
    reportedAt: string | null
    packet: string
  }
  events: {
    id: string
    at: Date
    kind: AuditEventKind
    actor: string
    agency: string | null
    document: string | null
    delivery: string | null
    detail: unknown
  }
  receipts: {
    document: string
    acceptedAt: Date
    sender: string
    edxmlDocumentId: string | null
    packetSha256: string
    receipt: string
  }
}

interface RecordSet<Row> {
  /** Column of the answer -> SQL expression. */
  readonly columns: Readonly<Record<keyof Row, string>>
  /** Where its instant stands, and what is joined to it. */
  readonly table: 'document' | 'attempt' | 'status_report' | 'audit_event'
  readonly joined: string
  /** The instant of a record, which never changes, and the UUID that decides between records of one instant. */
  readonly at: string
  readonly id: string
  /** Of records that belong to a document without being it: how its rows are found, and it by one of them. */
  readonly ofDocument?: OfDocument
}

interface OfDocument {
  /** The table of the records with what leads to the document `its`. */
  readonly from: string
  readonly where: string
  /** The document of a row; null where it has none. */
  readonly document: string
  /** The agency of a row by itself, whoever its document is from or to. */
  readonly agency?: string
  /** What is joined to a row so that one is looked at after the other, whatever the planner thinks. */
  readonly oneByOne?: string
  /** Rows of one document that lie near each other in time, as a rule, where these are several. */
  readonly together?: number
}

/** By the delivery that the record is of. */
const BY_DELIVERY = (table: string): OfDocument => ({
  from: `delivery join ${table} on ${table}.delivery_id = delivery.id`,
  where: 'delivery.document_id = its.id',
  document: `(select document_id from delivery where delivery.id = ${table}.delivery_id)`,
  oneByOne: `
    cross join lateral (select * from delivery where delivery.id = ${table}.delivery_id offset 0) as delivery
    cross join lateral (select * from document where document.id = delivery.document_id offset 0) as document`,
})

/** Onto a record of a delivery: that delivery and its document. */
const ITS_DELIVERY = (table: string) =>
  `join delivery on delivery.id = ${table}.delivery_id join document on document.id = delivery.document_id`

export const RECORD_SETS: { readonly [K in RecordKind]: RecordSet<RecordRows[K]> } = {
  documents: {
    columns: {
      id: 'document.id',
      acceptedAt: 'document.accepted_at',
      kind: 'document.kind',
      operation: 'document.operation',
      sender: 'document.sender_code',
      recipients: '(select count(*)::integer from delivery where document_id = document.id)',
      states: `array(select distinct state from delivery where document_id = document.id and ${HAS_A_SAY}
        order by state)`,
      edxmlDocumentId: 'document.edxml_document_id',
      codeNumber: 'document.code_number',
      codeNotation: 'document.code_notation',
      subject: 'document.subject',
      documentType: 'document.document_type',
      promulgationDate: 'document.promulgation_date',
      urgency: 'document.urgency',
      statusCode: 'document.status_code',
      legalValue: 'document.legal_value',
      packetSha256: 'document.packet_sha256',
      packetLength: 'document.packet_length',
      clientId: 'document.client_id',
    },
    table: 'document',
    joined: '',
    at: 'document.accepted_at',
    id: 'document.id',
  },
  deliveries: {
    columns: {
      id: 'delivery.id',
      acceptedAt: 'document.accepted_at',
      document: 'delivery.document_id',
      sender: 'document.sender_code',
      recipient: 'delivery.recipient_code',
      tier: 'delivery.tier',
      urgency: 'delivery.urgency',
      channel: 'delivery.channel',
      state: 'delivery.state',
      stateSince: 'delivery.state_since',
      attempts: 'delivery.attempts',
      nextAttemptAt: 'delivery.next_attempt_at',
      inboxNumber: 'delivery.inbox_number',
      handedOverAt: 'delivery.handed_over_at',
      acknowledgedAt: 'delivery.acknowledged_at',
      processingStatus: 'delivery.processing_status',
      requestState: 'delivery.request_state',
      reason: 'delivery.reason',
      route: 'delivery.route',
    },
    table: 'document',
    joined: 'join delivery on delivery.document_id = document.id',
    at: 'document.accepted_at',
    id: 'delivery.id',
  },
  attempts: {
    columns: {
      delivery: 'attempt.delivery_id',
      epoch: 'attempt.epoch',
      document: 'delivery.document_id',
      sender: 'document.sender_code',
      recipient: 'delivery.recipient_code',
      channel: 'attempt.channel',
      worker: 'attempt.worker',
      state: 'attempt.state',
      startedAt: 'attempt.started_at',
      finishedAt: 'attempt.finished_at',
      detail: 'attempt.detail',
    },
    // One delivery has one attempt at a time, so no two of its attempts begin at one instant.
    table: 'attempt',
    joined: ITS_DELIVERY('attempt'),
    at: 'attempt.started_at',
    id: 'attempt.delivery_id',
    ofDocument: BY_DELIVERY('attempt'),
  },
  statuses: {
    columns: {
      id: 'status_report.id',
      receivedAt: 'status_report.received_at',
      delivery: 'status_report.delivery_id',
      document: 'delivery.document_id',
      sender: 'document.sender_code',
      recipient: 'delivery.recipient_code',
      code: 'status_report.code',
      description: 'status_report.description',
      staff: 'status_report.staff',
      reportedAt: 'status_report.reported_at',
      packet: 'status_report.document_id',
    },
    table: 'status_report',
    joined: ITS_DELIVERY('status_report'),
    at: 'status_report.received_at',
    id: 'status_report.id',
    ofDocument: BY_DELIVERY('status_report'),
  },
  events: {
    columns: {
      id: 'audit_event.id',
      at: 'audit_event.at',
      kind: 'audit_event.kind',
      actor: 'audit_event.actor',
      agency: 'audit_event.agency_code',
      document: 'audit_event.document_id',
      delivery: 'audit_event.delivery_id',
      detail: 'audit_event.detail',
    },
    table: 'audit_event',
    joined: `left join document on document.id = audit_event.document_id
      left join delivery on delivery.id = audit_event.delivery_id`,
    at: 'audit_event.at',
    id: 'audit_event.id',
    ofDocument: {
      from: 'audit_event',
      where: 'audit_event.document_id = its.id',
      document: 'audit_event.document_id',
      agency: 'audit_event.agency_code',
      together: 2,
    },
  },
  receipts: {
    columns: {
      document: 'document.id',
      acceptedAt: 'document.accepted_at',
      sender: 'document.sender_code',
      edxmlDocumentId: 'document.edxml_document_id',
      packetSha256: 'document.packet_sha256',
      receipt: 'document.receipt',
    },
    table: 'document',
    joined: '',
    at: 'document.accepted_at',
    id: 'document.id',
  },
}
