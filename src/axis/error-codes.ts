import type { GatewayError, ProblemCode } from '../domain/problem.ts'

/**
 * What `ErrorCode` says: 10 the file is no good, 15 wrong system or secret, 18 no such recipient, 19 the sender is not
 * registered, 20 a fault of the system, 21 the file could not be processed, 22 not edXML, 23 the recipient is locked.
 */
export type AxisErrorCode = '0' | '10' | '15' | '18' | '19' | '20' | '21' | '22' | '23'

export type AxisRefusal = Exclude<AxisErrorCode, '0'>

/** 20 stands exactly where the same request may succeed later: clients take the others for final. */
export const AXIS_ERROR_CODES: Record<ProblemCode, AxisRefusal> = {
  'request-malformed': '10',
  'request-invalid': '10',
  'cursor-invalid': '10',
  'token-missing': '15',
  'token-invalid': '15',
  'certificate-mismatch': '15',
  'client-invalid': '15',
  'scope-insufficient': '15',
  'sender-mismatch': '19',
  'delegation-missing': '19',
  'sender-closed': '19',
  'not-found': '21',
  'method-not-allowed': '10',
  'sheet-invalid': '10',
  'media-type-unsupported': '10',
  'headers-too-large': '10',
  'request-timeout': '20',
  'payload-too-large': '10',
  'rate-limited': '20',
  'packet-hash-differs': '10',
  'packet-malformed': '22',
  'packet-refused': '22',
  'packet-invalid': '22',
  'recipients-unresolvable': '18',
  'signature-invalid': '21',
  // Mended by whoever keeps the certificates of the two gateways: no packet is given up for it.
  'gateway-seal-invalid': '15',
  'packet-looped': '21',
  'agency-key-missing': '21',
  'agency-key-name-differs': '21',
  'pdf-unsealable': '21',
  'state-secret': '10',
  'document-id-conflict': '21',
  'idempotency-key-reused': '21',
  'target-unknown': '21',
  'target-not-yours': '21',
  'delivery-withdrawn': '21',
  'delivery-moved': '21',
  'claim-conflict': '20',
  'delivery-state-conflict': '21',
  'approval-refused': '15',
  'draft-needed': '21',
  'revision-conflict': '20',
  'already-exists': '21',
  'database-unavailable': '20',
  'timestamping-unavailable': '20',
  'storage-quota-exceeded': '21',
  overloaded: '20',
  'storage-unavailable': '20',
  'content-damaged': '20',
  'storage-full': '20',
  'seal-key-unavailable': '20',
  'shutting-down': '20',
  'internal-error': '20',
  'backup-damaged': '21',
  'restore-refused': '21',
}

/** 23 where everybody who cannot be reached has closed, which is what comes nearest to a locked recipient. */
export function axisErrorCode(error: Pick<GatewayError, 'code' | 'faults'>): AxisRefusal {
  const errors = error.faults.filter(({ severity }) => severity === 'error')
  const onlyClosed = errors.length > 0 && errors.every(({ code }) => code === 'recipient-closed')
  return error.code === 'recipients-unresolvable' && onlyClosed ? '23' : AXIS_ERROR_CODES[error.code]
}
