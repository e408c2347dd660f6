import { listAddressed } from '../db/deliveries.ts'
import { findReferenced, findSentUnder } from '../db/document-references.ts'
import { listVersions, listVersionsOfEach } from '../db/document-versions.ts'
import { listHandIns } from '../db/hand-ins.ts'
import type { Queryable } from '../db/pool.ts'
import { predecessorsOf, successorsOf } from '../directory/snapshot/succession-line.ts'
import type { BusinessOperation } from '../domain/business-operation.ts'
import type { DocumentEnvelope, StatusEnvelope } from '../domain/envelope.ts'
import type { AgencyCode, DocumentKey, EdxmlDocumentId } from '../domain/identifiers.ts'
import { isStatusCode, STATUS_CODES } from '../domain/status-code.ts'
import { chooseNamed, type MeantThen, meantThen, type NamedAs } from './choose-named.ts'
import { narrowDeliveries, narrowNames } from './narrow-scopes.ts'
import type { Reference, Scope } from './reference.ts'
import type { IdentifiedDocument } from './submission.ts'

type Finder = (
  db: Queryable,
  document: IdentifiedDocument,
  envelope: DocumentEnvelope,
) => Promise<Reference[]>

/**
 * What each operation speaks of. A reference to something that never came this way finds nothing: the packet is only
 * passed on.
 */
const FINDERS: Record<BusinessOperation, Finder> = {
  new: async () => [],
  recall: async (db, document, envelope) =>
    referenceTo(await versionsOf(db, document, changedId(envelope)), namedAs(document, toOf(envelope))),
  update: async (db, document, envelope) =>
    referenceTo(
      await versionsOf(db, document, changedId(envelope)),
      namedAs(document, [...toOf(envelope), ...removedFrom(envelope)]),
    ),
  replace: async (db, document, { business }) => {
    const ids = business.replacements.map(({ documentId }) => documentId)
    const sent = await findSentUnder(db, document.speaksFor, ids)
    const versions = await listVersionsOfEach(db, [...sent.values()].flat())
    return business.replacements.flatMap(({ documentId, organIds }) => {
      const documents = (sent.get(documentId) ?? []).flatMap((root) => versions.get(root) ?? [])
      return referenceTo(documents, organIds.length === 0 ? null : namedAs(document, organIds))
    })
  },
}

/** What a packet recalls, updates, replaces or reports on. */
export const findReferences = (db: Queryable, document: IdentifiedDocument): Promise<Reference[]> =>
  document.envelope.kind === 'status'
    ? findReported(db, document, document.envelope)
    : FINDERS[document.envelope.business.operation](db, document, document.envelope)

/** The agency whose documents a status speaks of, and the recipient that it concerns; undefined for unknown parties. */
export function partiesOfStatus(
  document: IdentifiedDocument,
  { responseFor, statusCode }: StatusEnvelope,
): { readonly author: AgencyCode; readonly recipient: AgencyCode } | undefined {
  const self = document.sender.code
  const { organId } = responseFor
  const other = organId && document.registry.directory.codeOf(organId, document.day)?.code
  if (!other) return undefined
  return emittedBySender(statusCode) ? { author: self, recipient: other } : { author: other, recipient: self }
}

/** Which delivery a status reports on: the sender's own, or with status 13 that of the other party. */
async function findReported(
  db: Queryable,
  document: IdentifiedDocument,
  envelope: StatusEnvelope,
): Promise<Reference[]> {
  const parties = partiesOfStatus(document, envelope)
  const { organId } = envelope.responseFor
  if (parties === undefined || organId === undefined) return []
  const { directory } = document.registry
  if (emittedBySender(envelope.statusCode)) {
    const { author, recipient } = parties
    const documents = await sentBy(db, document, envelope, author)
    const meant = [...((await findMeant(db, documents)).get(organId) ?? [])]
    return referenceToParty(
      document,
      documents,
      meant.includes(recipient) ? recipient : (meant[0] ?? recipient),
    )
  }
  // The spelling may be another agency's since: whoever bore it may be meant, if it sent such a document.
  const bearers = directory.aliasFacts(organId).map(({ subject }) => subject)
  for (const author of new Set([parties.author, ...bearers])) {
    const documents = await sentBy(db, document, envelope, author)
    const [reference] = referenceToParty(document, documents, parties.recipient)
    if (reference !== undefined) return [{ ...reference, otherParty: author }]
  }
  return []
}

/** The versions of what a status speaks of, if an agency sent it, or one from which it has taken over. */
async function sentBy(
  db: Queryable,
  { registry, day }: IdentifiedDocument,
  { responseFor: { documentId, code, promulgationDate } }: StatusEnvelope,
  author: AgencyCode,
): Promise<DocumentKey[]> {
  const senders = [author, ...predecessorsOf(registry.directory, author, day)]
  const found = await findReferenced(db, { senders, edxmlDocumentId: documentId, code, promulgationDate })
  return listVersions(db, found)
}

/** What was sent to one agency, before and after others took over. */
function referenceToParty(
  { registry: { directory }, day }: IdentifiedDocument,
  documents: readonly DocumentKey[],
  recipient: AgencyCode,
): Reference[] {
  const among = [
    recipient,
    ...predecessorsOf(directory, recipient, day),
    ...successorsOf(directory, recipient, day),
  ]
  const named = [{ spelling: null, code: recipient }]
  return referenceTo(documents, named, among).map((one) => ({ ...one, otherParty: recipient }))
}

/** The deliveries that references mean, as they stand now. */
export async function findScopes(
  db: Queryable,
  document: IdentifiedDocument,
  references: readonly Reference[],
): Promise<Scope[]> {
  const scopes: Scope[] = []
  if (references.length === 0) return scopes
  // An update is a version of its document, and does not speak of itself as it was handed in for others.
  const itself = new Set(await listHandIns(db, { ...document, sender: document.sender.code }))
  for (const { documents: versions, names: all, among } of references) {
    const documents = versions.filter((key) => !itself.has(key))
    const names = narrowNames(document, all)
    const deliveries = narrowDeliveries(document, await listAddressed(db, documents, among))
    const chosen = names === null ? deliveries : chooseNamed(deliveries, names, earlierThan(document))
    scopes.push({ names, documents, deliveries: chosen.map(({ key }) => key) })
  }
  return scopes
}

export const earlierThan =
  ({ registry, day }: IdentifiedDocument) =>
  (code: AgencyCode) =>
    predecessorsOf(registry.directory, code, day)

export const emittedBySender = (code: string): boolean =>
  isStatusCode(code) && STATUS_CODES[code].emittedBy === 'sender'

const toOf = (envelope: DocumentEnvelope): string[] => envelope.to.map((recipient) => recipient.organId)

export const removedFrom = (envelope: DocumentEnvelope): string[] =>
  envelope.business.receivers.filter(({ change }) => change === 'removed').map(({ organId }) => organId)

const changedId = (envelope: DocumentEnvelope): EdxmlDocumentId | undefined =>
  envelope.business.documentId ?? envelope.documentId

async function versionsOf(
  db: Queryable,
  { speaksFor }: IdentifiedDocument,
  edxmlDocumentId: EdxmlDocumentId | undefined,
): Promise<DocumentKey[]> {
  if (edxmlDocumentId === undefined) return []
  return listVersions(db, await findReferenced(db, { senders: speaksFor, edxmlDocumentId }))
}

/** Spellings with the codes that they stand for by now, whoever has taken over since. */
const namedAs = ({ registry, day }: IdentifiedDocument, spellings: readonly string[]): NamedAs[] =>
  spellings.map((spelling) => ({ spelling, code: registry.directory.codeOf(spelling, day)?.code }))

/** Whom each spelling by which some documents were addressed meant then. */
export async function findMeant(db: Queryable, documents: readonly DocumentKey[]): Promise<MeantThen> {
  return meantThen(await listAddressed(db, documents, null))
}

const referenceTo = (
  documents: readonly DocumentKey[],
  names: readonly NamedAs[] | null,
  among: readonly AgencyCode[] | null = null,
): Reference[] => (documents.length === 0 ? [] : [{ documents, names, among }])
