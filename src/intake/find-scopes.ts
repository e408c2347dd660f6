import type { DeliveryScope } from '../db/deliveries.ts'
import { findReferenced, findSentUnder, listVersions, listVersionsOfEach } from '../db/documents.ts'
import type { Queryable } from '../db/pool.ts'
import type { BusinessOperation } from '../domain/business-operation.ts'
import type { DocumentEnvelope, StatusEnvelope } from '../domain/envelope.ts'
import type { AgencyCode, DocumentKey, EdxmlDocumentId } from '../domain/identifiers.ts'
import { isStatusCode, STATUS_CODES } from '../domain/status-code.ts'
import type { IdentifiedDocument } from './submission.ts'

type ScopeFinder = (
  db: Queryable,
  document: IdentifiedDocument,
  envelope: DocumentEnvelope,
) => Promise<DeliveryScope[]>

/**
 * The earlier deliveries that each operation speaks of. A reference to something that never came this way finds
 * nothing: the packet is only passed on.
 */
const FINDERS: Record<BusinessOperation, ScopeFinder> = {
  new: async () => [],
  recall: async (db, document, envelope) =>
    scopeOf(await versionsOf(db, document, changedId(envelope)), codesOf(document, toOf(envelope))),
  update: async (db, document, envelope) =>
    scopeOf(
      await versionsOf(db, document, changedId(envelope)),
      codesOf(document, [...toOf(envelope), ...removedFrom(envelope)]),
    ),
  replace: async (db, document, { business }) => {
    const ids = business.replacements.map(({ documentId }) => documentId)
    const sent = await findSentUnder(db, document.sender.code, ids)
    const versions = await listVersionsOfEach(db, [...sent.values()].flat())
    return business.replacements.flatMap(({ documentId, organIds }) => {
      const documents = (sent.get(documentId) ?? []).flatMap((root) => versions.get(root) ?? [])
      return scopeOf(documents, organIds.length === 0 ? null : codesOf(document, organIds))
    })
  },
}

/** What a packet with a document recalls, updates or replaces. */
export const findDocumentScopes: ScopeFinder = (db, document, envelope) =>
  FINDERS[envelope.business.operation](db, document, envelope)

/** The agency whose documents a status speaks of, and the recipient that it concerns; undefined for unknown parties. */
export function partiesOfStatus(
  document: IdentifiedDocument,
  { responseFor, statusCode }: StatusEnvelope,
): { readonly author: AgencyCode; readonly recipient: AgencyCode } | undefined {
  const self = document.sender.code
  const other =
    responseFor.organId === undefined ? undefined : document.parties.get(responseFor.organId)?.code
  if (other === undefined) return undefined
  return emittedBySender(statusCode) ? { author: self, recipient: other } : { author: other, recipient: self }
}

/** Which delivery a status reports on: the sender's own, or with status 13 that of the other party. */
export async function findStatusScope(
  db: Queryable,
  document: IdentifiedDocument,
  envelope: StatusEnvelope,
): Promise<DeliveryScope[]> {
  const parties = partiesOfStatus(document, envelope)
  if (parties === undefined) return []
  const { documentId, code, promulgationDate } = envelope.responseFor
  const reference = { sender: parties.author, edxmlDocumentId: documentId, code, promulgationDate }
  return scopeOf(await listVersions(db, await findReferenced(db, reference)), [parties.recipient])
}

export const emittedBySender = (code: string): boolean =>
  isStatusCode(code) && STATUS_CODES[code].emittedBy === 'sender'

const toOf = (envelope: DocumentEnvelope): string[] => envelope.to.map((recipient) => recipient.organId)

export const removedFrom = (envelope: DocumentEnvelope): string[] =>
  envelope.business.receivers.filter(({ change }) => change === 'removed').map(({ organId }) => organId)

const changedId = (envelope: DocumentEnvelope): EdxmlDocumentId | undefined =>
  envelope.business.documentId ?? envelope.documentId

async function versionsOf(
  db: Queryable,
  document: IdentifiedDocument,
  edxmlDocumentId: EdxmlDocumentId | undefined,
): Promise<DocumentKey[]> {
  if (edxmlDocumentId === undefined) return []
  return listVersions(db, await findReferenced(db, { sender: document.sender.code, edxmlDocumentId }))
}

const codesOf = (document: IdentifiedDocument, spellings: readonly string[]): AgencyCode[] =>
  spellings.flatMap((spelling) => document.parties.get(spelling)?.code ?? [])

const scopeOf = (
  documents: readonly DocumentKey[],
  recipients: readonly AgencyCode[] | null,
): DeliveryScope[] => (documents.length === 0 ? [] : [{ documents, recipients }])
