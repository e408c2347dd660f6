import { findExpansions } from '../db/documents.ts'
import type { DocumentEnvelope, Envelope } from '../domain/envelope.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { type AddressedRecipient, type AddressedRecipients, addressRecipients } from './address-recipients.ts'
import { addressStatus } from './address-status.ts'
import type { MeantThen } from './choose-named.ts'
import { findMeant, findReferences, findScopes, removedFrom } from './find-scopes.ts'
import { narrowRecipients } from './narrow-recipients.ts'
import type { NamedRecipient } from './recipient-faults.ts'
import type { Reference } from './reference.ts'
import {
  documentTypeNameOf,
  type IdentifiedDocument,
  type IntakeDependencies,
  introducesDocument,
  type RoutedDocument,
} from './submission.ts'

/**
 * Whom the packet is for; before any cryptography. Closed agencies are followed to their successors, groups expanded.
 * @throws GatewayError `recipients-unresolvable` with everybody who is unknown, repeated, or closed and not redirected,
 *   `target-not-yours` where a status speaks of a document that did not travel between these two
 */
export async function routeDocument(
  { pool }: IntakeDependencies,
  document: IdentifiedDocument,
): Promise<RoutedDocument> {
  const { envelope } = document
  const references = await findReferences(pool, document)
  const isOfOld = envelope.kind === 'document' && envelope.business.operation !== 'replace'
  const meant = await findMeant(pool, isOfOld ? references.flatMap(({ documents }) => documents) : [])
  const { recipients, expansions, faults } =
    envelope.kind === 'status'
      ? addressStatus(document, envelope, references[0]?.otherParty)
      : await addressDocument(pool, document, references, meant)
  if (faults.length > 0) throw new GatewayError('recipients-unresolvable', { faults })
  if (envelope.kind === 'status') await refuseStranger(pool, document, references)
  const removed =
    envelope.kind === 'document' ? codesMeant(document, removedHere(document, envelope), meant) : []
  return { ...document, to: recipients, removed: takenOff(recipients, removed), expansions, references }
}

async function addressDocument(
  pool: IntakeDependencies['pool'],
  document: IdentifiedDocument,
  references: readonly Reference[],
  meant: MeantThen,
): Promise<AddressedRecipients> {
  const { envelope, registry, day, sender } = document
  // A recall and an update speak of those to whom a group was expanded then; a replacement is a document of its own.
  const isOfOld = envelope.kind === 'document' && envelope.business.operation !== 'replace'
  const documents = isOfOld ? references.flatMap((reference) => reference.documents) : []
  const named = namedRecipients(envelope)
  const addressed = addressRecipients(registry.directory, named, {
    day,
    documentType: documentTypeNameOf(envelope),
    sender: sender.code,
    speaksOfOld: !introducesDocument(envelope),
    expandedThen: await findExpansions(pool, documents),
    meantThen: meant,
  })
  return narrowRecipients(document, named, addressed)
}

const removedHere = ({ handedIn }: IdentifiedDocument, envelope: DocumentEnvelope): string[] =>
  removedFrom(envelope).filter((spelling) => handedIn === null || handedIn.names(spelling))

/** The codes for which spellings stood in the document that is spoken of; of today where they are new. */
const codesMeant = (
  { registry: { directory }, day }: IdentifiedDocument,
  spellings: readonly string[],
  meant: MeantThen,
): AgencyCode[] =>
  spellings.flatMap((spelling) =>
    [...(meant.get(spelling) ?? [directory.codeOf(spelling, day)?.code ?? []])].flat(),
  )

/** Agencies that are taken off the list by every name under which they stand on it. */
function takenOff(to: readonly AddressedRecipient[], removed: readonly AgencyCode[]): AgencyCode[] {
  const off = new Set(removed)
  const isOff = ({ addressed }: AddressedRecipient) =>
    addressed.every(({ code, group }) => off.has(code) || (group !== undefined && off.has(group.code)))
  return to.filter(isOff).map(({ agency }) => agency.code)
}

/** Found out here, so that nothing of a status that is refused is stored; what counts is looked at again under lock. */
async function refuseStranger(
  pool: IntakeDependencies['pool'],
  document: IdentifiedDocument,
  references: readonly Reference[],
): Promise<void> {
  const scopes = await findScopes(pool, document, references)
  if (scopes.length > 0 && scopes.every(({ deliveries }) => deliveries.length === 0))
    throw new GatewayError('target-not-yours')
}

const namedRecipients = (envelope: Envelope): NamedRecipient[] =>
  envelope.kind === 'status'
    ? []
    : envelope.to.map(({ organId }, index) => ({ organId, path: `//MessageHeader/To[${index + 1}]/OrganId` }))
