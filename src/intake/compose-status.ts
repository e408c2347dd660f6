import type { DeliveryRecord } from '../db/deliveries.ts'
import type { DocumentRecord } from '../db/documents.ts'
import type { DocumentEnvelope, ResponseFor, StaffInfo } from '../domain/envelope.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'
import { isStatusCode, STATUS_CODES } from '../domain/status-code.ts'
import { edxmlTimestamp } from '../domain/vietnam-time.ts'
import { buildStatusPacket } from '../edxml/build/build-status-packet.ts'
import { acceptOnce, wholePacket } from './accept-once.ts'
import type { Sender } from './compose-document.ts'
import type { AcceptedDocument, IntakeDependencies } from './submission.ts'

export interface StatusRequest {
  readonly delivery: DeliveryRecord
  /** The document of the delivery. */
  readonly document: DocumentRecord
  /** Two digits: one of the known codes that recipients send, or one that is not known here. */
  readonly code: string
  readonly description?: string
  readonly staff?: StaffInfo
  /** When it came about at the recipient; now where absent. */
  readonly timestamp?: Date
}

/**
 * Writes the status packet by which a recipient reports on a document that it was sent, and takes it in like any
 * other: the sender gets it as a delivery.
 * @throws GatewayError `request-invalid`, `delivery-state-conflict` where the delivery is itself a status; everything
 *   that intake throws
 */
export function reportStatus(
  dependencies: IntakeDependencies,
  sender: Sender,
  request: StatusRequest,
): Promise<AcceptedDocument> {
  const { envelope } = request.document
  if (envelope.kind !== 'document') throw isStatusItself()
  const faults = checkStatus(request)
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
  const { code, description, staff } = request
  const responseFor = answering(envelope)
  const reportedAt = request.timestamp && edxmlTimestamp(request.timestamp)
  const from = { organId: request.delivery.recipient }
  return acceptOnce(dependencies, sender, {
    write: (now) =>
      wholePacket(
        buildStatusPacket({
          from,
          responseFor,
          statusCode: code,
          description,
          staff,
          timestamp: reportedAt ?? now,
        }),
      ),
    says: (earlier) =>
      earlier.kind === 'status' &&
      earlier.statusCode === code &&
      earlier.description === description?.trim() &&
      earlier.responseFor.documentId === responseFor.documentId &&
      (reportedAt === undefined || earlier.timestamp === reportedAt),
  })
}

/** A recall and an update are answered by the name of the document that they speak of (QCVN 102:2016 §2.2.4). */
function answering({
  from,
  business,
  documentId,
  codeNumber,
  codeNotation,
  promulgationDate,
}: DocumentEnvelope): ResponseFor {
  const changes = business.operation === 'recall' || business.operation === 'update'
  const code = [codeNumber, codeNotation].filter((part) => part !== undefined).join('/')
  return {
    organId: from.organId,
    code: code === '' ? undefined : code,
    promulgationDate,
    documentId: (changes ? business.documentId : undefined) ?? documentId,
  }
}

function checkStatus({ code, description }: StatusRequest): Fault[] {
  if (isStatusCode(code) && STATUS_CODES[code].emittedBy !== 'recipient') {
    return [
      fault('status-not-recipients', '#/body/code', code, {
        vi: `Mã ${code} do bên gửi dùng; bên nhận báo 01–06, 15 hoặc 16.`,
        en: `Code ${code} is for senders; a recipient reports 01 to 06, 15 or 16.`,
      }),
    ]
  }
  // QĐ 28/2018/QĐ-TTg art. 5.4: whoever refuses a document tells the sender why.
  if (code === '02' && (description ?? '').trim() === '') {
    return [
      fault('reason-missing', '#/body/description', undefined, {
        vi: 'Từ chối tiếp nhận (02) phải nêu lý do.',
        en: 'A refusal (02) must say why.',
      }),
    ]
  }
  return []
}

const fault = (code: string, path: string, found: string | undefined, hint: Fault['hint']): Fault => ({
  code,
  severity: 'error',
  path,
  found,
  hint,
})

const isStatusItself = (): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: {
      vi: 'Mục này là một gói trạng thái: không báo trạng thái cho trạng thái.',
      en: 'This item is itself a status: a status is not reported on.',
    },
  })
