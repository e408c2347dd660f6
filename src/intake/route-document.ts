import { type NamedRecipient, resolveRecipients } from '../directory/resolve-parties.ts'
import { resolveRoutes } from '../directory/resolve-routes.ts'
import type { Envelope } from '../domain/envelope.ts'
import { agencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { urgencyOf } from '../domain/urgency.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { findDocumentScopes, findStatusScope, removedFrom } from './find-scopes.ts'
import type { IdentifiedDocument, IntakeDependencies, RoutedDocument } from './submission.ts'

/**
 * Where the packet goes and what it speaks of; before any cryptography.
 * @throws GatewayError `recipients-unresolvable` with every unknown, closed and repeated recipient
 */
export async function routeDocument(
  { pool }: IntakeDependencies,
  document: IdentifiedDocument,
): Promise<RoutedDocument> {
  const { envelope, parties, sender, now } = document
  const { recipients, faults } = resolveRecipients(parties, namedRecipients(envelope), vietnamDay(now))
  if (faults.length > 0) throw new GatewayError('recipients-unresolvable', { faults })
  const removed = envelope.kind === 'document' ? removedFrom(envelope) : []
  const reachable = [...recipients, ...removed.flatMap((spelling) => parties.get(spelling) ?? [])]
  const [routes, scopes] = await Promise.all([
    resolveRoutes(pool, reachable, {
      sender: sender.code,
      urgency: urgencyOf(envelope.kind === 'document' ? envelope.priority : undefined),
      documentType: envelope.kind === 'document' ? envelope.documentType?.typeName : undefined,
    }),
    envelope.kind === 'document'
      ? findDocumentScopes(pool, document, envelope)
      : findStatusScope(pool, document, envelope),
  ])
  const gone = new Set(removed.map((spelling) => parties.get(spelling)?.code))
  const to = recipients.map((agency) => agency.code).filter((code) => !gone.has(code))
  return { ...document, to, routes, scopes }
}

/** A status has no To: it goes to the other party of its ResponseFor. */
function namedRecipients(envelope: Envelope): NamedRecipient[] {
  if (envelope.kind === 'status') {
    const organId = envelope.responseFor.organId ?? agencyCode('')
    return [{ organId, path: '//MessageHeader/ResponseFor/OrganId' }]
  }
  return envelope.to.map(({ organId }, index) => ({
    organId,
    path: `//MessageHeader/To[${index + 1}]/OrganId`,
  }))
}
