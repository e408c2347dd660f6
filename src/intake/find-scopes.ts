import { findReferenced, listVersions } from '../db/documents.ts'
import type { Queryable } from '../db/pool.ts'
import type { BusinessOperation } from '../domain/business-operation.ts'
import type { DocumentEnvelope, StatusEnvelope } from '../domain/envelope.ts'
import type { AgencyCode, DocumentKey, EdxmlDocumentId } from '../domain/identifiers.ts'
import { isStatusCode, STATUS_CODES } from '../domain/status-code.ts'
import type { IdentifiedDocument, Scope } from './submission.ts'

type ScopeFinder = (
  db: Queryable,
  document: IdentifiedDocument,
  envelope: DocumentEnvelope,
) => Promise<Scope[]>

/** What each operation speaks of. A reference to something that never came this way finds nothing: the packet is only passed on. */
const FINDERS: Record<BusinessOperation, ScopeFinder> = {
  new: async () => [],
  recall: async (db, document, envelope) =>
    scopeOf(await versionsOf(db, document, changedId(envelope)), codesOf(document, to(envelope))),
  update: async (db, document, envelope) =>
    scopeOf(
      await versionsOf(db, document, changedId(envelope)),
      codesOf(document, [...to(envelope), ...removedFrom(envelope)]),
    ),
  replace: async (db, document, envelope) => {
    const scopes = envelope.business.replacements.map(async ({ documentId, organIds }) =>
      scopeOf(
        await versionsOf(db, document, documentId),
        organIds.length === 0 ? null : codesOf(document, organIds),
      ),
    )
    return (await Promise.all(scopes)).flat()
  },
}

/** What a packet with a document recalls, updates or replaces. */
export const findDocumentScopes: ScopeFinder = (db, document, envelope) =>
  FINDERS[envelope.business.operation](db, document, envelope)

/** Which delivery a status reports on: the sender's own, or with status 13 that of the other party. */
export async function findStatusScope(
  db: Queryable,
  document: IdentifiedDocument,
  envelope: StatusEnvelope,
): Promise<Scope[]> {
  const { organId, documentId, code, promulgationDate } = envelope.responseFor
  const other = organId === undefined ? undefined : document.parties.get(organId)?.code
  if (other === undefined) return []
  const self = document.sender.code
  const [author, recipient] = emittedBySender(envelope.statusCode) ? [self, other] : [other, self]
  const found = await findReferenced(db, {
    sender: author,
    edxmlDocumentId: documentId,
    code,
    promulgationDate,
  })
  return scopeOf(await listVersions(db, found), [recipient])
}

export const emittedBySender = (code: string): boolean =>
  isStatusCode(code) && STATUS_CODES[code].emittedBy === 'sender'

const to = (envelope: DocumentEnvelope): string[] => envelope.to.map((recipient) => recipient.organId)

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

const scopeOf = (documents: readonly DocumentKey[], recipients: readonly AgencyCode[] | null): Scope[] =>
  documents.length === 0 ? [] : [{ documents, recipients }]
