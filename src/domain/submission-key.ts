import { BUSINESS_OPERATIONS } from './business-operation.ts'
import type { Envelope } from './envelope.ts'
import type { Sha256 } from './identifiers.ts'

/**
 * What makes two submissions of one sender the same one. A packet that introduces a document is known by its
 * DocumentId: the same id with other bytes is a conflict. A recall, an update or a status speaks of a document that
 * has been introduced before, may be sent more than once with reason, and is known by its bytes.
 */
export function submissionKey(envelope: Envelope, packet: Sha256): string {
  if (envelope.kind === 'status') return `status:${packet}`
  const { operation } = envelope.business
  if (!BUSINESS_OPERATIONS[operation].introducesDocument) return `${operation}:${packet}`
  return envelope.documentId === undefined ? `packet:${packet}` : `document:${envelope.documentId}`
}
