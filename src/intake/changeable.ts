import { findReferenced } from '../db/document-references.ts'
import { listVersions } from '../db/document-versions.ts'
import type { DocumentRecord } from '../db/documents.ts'
import type { Pool } from '../db/pool.ts'
import type { DirectoryDay } from '../directory/agencies.ts'
import { predecessorsOf } from '../directory/snapshot/succession-line.ts'
import type { DocumentEnvelope, Organ } from '../domain/envelope.ts'
import type { AgencyCode, EdxmlDocumentId } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'

export interface Changeable {
  readonly envelope: DocumentEnvelope
  readonly documentId: EdxmlDocumentId
}

/**
 * What a recall, an update or a replacement can speak of: a document under a DocumentId. A recall or a status is none.
 * @throws GatewayError `target-unknown`
 */
export function changeable({ envelope, edxmlDocumentId }: DocumentRecord): Changeable {
  const holdsDocument = envelope.kind === 'document' && envelope.business.operation !== 'recall'
  if (!holdsDocument || edxmlDocumentId === null) throw notADocument()
  // An update of an update changes the document that both are versions of.
  const isUpdate = envelope.business.operation === 'update'
  return { envelope, documentId: (isUpdate ? envelope.business.documentId : undefined) ?? edxmlDocumentId }
}

const notADocument = (): GatewayError =>
  new GatewayError('target-unknown', {
    detail: {
      vi: 'Gói tin này là thu hồi hoặc trạng thái, không phải văn bản có thể thu hồi, cập nhật hay thay thế.',
      en: 'This packet is a recall or a status, not a document that could be recalled, updated or replaced.',
    },
  })

/**
 * Whether an agency that speaks of this DocumentId means this document: it may have sent another one under it, before it
 * took over. Then it is the nearest that is meant.
 */
export async function isMeantBy(
  pool: Pool,
  { directory, day }: DirectoryDay,
  document: DocumentRecord,
  agency: AgencyCode,
  documentId: EdxmlDocumentId,
): Promise<boolean> {
  const senders = [agency, ...predecessorsOf(directory, agency, day)]
  const found = await findReferenced(pool, { senders, edxmlDocumentId: documentId })
  return found.length === 0 || (await listVersions(pool, found)).includes(document.key)
}

/** @throws GatewayError `document-id-conflict` where the DocumentId means another document by now */
export async function refuseOtherMeant(...asked: Parameters<typeof isMeantBy>): Promise<void> {
  if (!(await isMeantBy(...asked))) throw new GatewayError('document-id-conflict')
}

/**
 * In whose name a document is changed: its sender as the document has it, as long as that still means it, or the agency
 * that took over from it.
 */
export function organOf(
  { directory, day }: DirectoryDay,
  document: DocumentRecord,
  { from }: DocumentEnvelope,
  agency: AgencyCode,
): Organ {
  if (agency === document.sender)
    return directory.codeOf(from.organId, day)?.code === agency ? from : { ...from, organId: agency }
  return { organId: agency, organName: directory.agency(agency, day)?.name }
}
