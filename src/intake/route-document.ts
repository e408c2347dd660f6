import type { AgencyRecord } from '../db/agencies.ts'
import { hasDeliveries } from '../db/deliveries.ts'
import type { Pool } from '../db/pool.ts'
import { type NamedRecipient, resolveRecipients } from '../directory/resolve-parties.ts'
import { resolveRoutes } from '../directory/resolve-routes.ts'
import { isOpenOn } from '../domain/agency.ts'
import type { Envelope, StatusEnvelope } from '../domain/envelope.ts'
import { agencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { urgencyOf } from '../domain/urgency.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { findStatusScope, removedFrom } from './find-scopes.ts'
import {
  type IdentifiedDocument,
  type IntakeDependencies,
  introducesDocument,
  type RoutedDocument,
} from './submission.ts'

/**
 * Where the packet goes; before any cryptography.
 * @throws GatewayError `recipients-unresolvable` with every unknown, closed and repeated recipient,
 *   `target-not-yours` where a status speaks of a document that did not travel between these two
 */
export async function routeDocument(
  { pool }: IntakeDependencies,
  document: IdentifiedDocument,
): Promise<RoutedDocument> {
  const { envelope, parties, sender, now } = document
  const day = vietnamDay(now)
  const isOpen = (agency: AgencyRecord) => isOpenOn(agency, day)
  const speaksOfOld = !introducesDocument(envelope)
  const { recipients, faults } = resolveRecipients(parties, namedRecipients(envelope), day, speaksOfOld)
  if (faults.length > 0) throw new GatewayError('recipients-unresolvable', { faults })
  if (envelope.kind === 'status') await refuseStranger(pool, document, envelope)
  const removed = (envelope.kind === 'document' ? removedFrom(envelope) : []).flatMap(
    (spelling) => parties.get(spelling) ?? [],
  )
  // The inbox of an agency that has closed is still read; a status is told to whoever was party to the document.
  const reachable = [...recipients, ...removed].filter(
    (agency) => envelope.kind === 'status' || isOpen(agency),
  )
  const routes = await resolveRoutes(pool, reachable, {
    sender: sender.code,
    urgency: urgencyOf(envelope.kind === 'document' ? envelope.priority : undefined),
    documentType: envelope.kind === 'document' ? envelope.documentType?.typeName : undefined,
  })
  const codes = (agencies: readonly AgencyRecord[]) => agencies.map(({ code }) => code)
  return { ...document, to: codes(recipients), removed: codes(removed), routes }
}

/** Found out here, so that nothing of a status that is refused is stored; what counts is looked at again under lock. */
async function refuseStranger(
  pool: Pool,
  document: IdentifiedDocument,
  status: StatusEnvelope,
): Promise<void> {
  const scopes = await findStatusScope(pool, document, status)
  if (scopes.length > 0 && !(await hasDeliveries(pool, scopes))) throw new GatewayError('target-not-yours')
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
