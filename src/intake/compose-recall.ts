import { type DeliveryRecord, listDeliveries, wasJoined } from '../db/deliveries.ts'
import { listVersions } from '../db/document-versions.ts'
import type { DocumentRecord } from '../db/documents.ts'
import { listHandIns } from '../db/hand-ins.ts'
import type { Pool } from '../db/pool.ts'
import { type DirectoryDay, directoryOn } from '../directory/agencies.ts'
import { predecessorsOf } from '../directory/snapshot/succession-line.ts'
import { canMove } from '../domain/delivery-state.ts'
import type { DocumentEnvelope, Envelope, Organ } from '../domain/envelope.ts'
import type { Fault } from '../domain/fault.ts'
import { type AgencyCode, agencyCode, type EdxmlDocumentId } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import type { Addressed } from '../domain/routing-rule.ts'
import { buildDocumentPacket } from '../edxml/build/build-document-packet.ts'
import { acceptOnce } from './accept-once.ts'
import { changeable, isMeantBy, organOf } from './changeable.ts'
import { spokenOf } from './choose-named.ts'
import type { Sender } from './compose-document.ts'
import type { AcceptedDocument, IntakeDependencies } from './submission.ts'

export interface RecallRequest {
  /** What is taken back, from its sender, or from one whom it took over from. */
  readonly document: DocumentRecord
  /** The agency in whose name it is taken back. */
  readonly agency: AgencyCode
  /** Codes or aliases of agencies and groups, also such as have closed; everybody who was sent it where absent. */
  readonly recipients?: readonly string[]
  readonly reason: string
}

/**
 * - withdrawn: taken back before it was fetched: this recipient never got it and never will;
 * - asked: this recipient has it, and was asked to cancel it;
 * - withdrawn-in-part: taken back from the names given, but this recipient still gets it by another one;
 * - withdrawn-before: it had been taken back already;
 * - agency-closed: this recipient has it and no longer exists: nobody could be asked.
 */
export const RECALL_OUTCOMES = [
  'withdrawn',
  'withdrawn-in-part',
  'asked',
  'withdrawn-before',
  'agency-closed',
] as const
export type RecallOutcome = (typeof RECALL_OUTCOMES)[number]

export interface Recalled {
  readonly accepted: AcceptedDocument
  readonly recipients: readonly { readonly agency: AgencyCode; readonly outcome: RecallOutcome }[]
}

/**
 * Writes the packet that takes a document back (BussinessDocType 1, the same header, no attachments), and takes it in
 * like any other.
 * @throws GatewayError `target-unknown` where the document is none that can be recalled, `recipients-unresolvable`
 *   where somebody is named who was not sent it, `delivery-state-conflict` where nobody is left to be asked;
 *   everything that intake throws
 */
export async function recallDocument(
  dependencies: IntakeDependencies,
  sender: Sender,
  { document, agency, recipients: named, reason }: RecallRequest,
): Promise<Recalled> {
  const { pool } = dependencies
  const { envelope, documentId } = changeable(document)
  const deliveries = await deliveriesOf(pool, document)
  const asked = await directoryOn(dependencies)
  const wanted = named === undefined ? deliveries : namedAmong(asked, deliveries, named)
  if (wanted.length === 0) throw nobodyLeft()
  const spellings = named ?? wanted.flatMap(spellingsOf)
  const isMeant = await isMeantBy(pool, asked, document, agency, documentId)
  const from = organOf(asked, document, envelope, isMeant ? agency : document.sender)
  const accepted = await acceptOnce(dependencies, sender, {
    write: (timestamp) =>
      buildDocumentPacket(
        {
          ...envelope,
          from,
          to: [...new Set(spellings)].map((spelling) => asAddressed(envelope, spelling)),
          trace: [{ organId: from.organId, timestamp }],
          business: { operation: 'recall', reason, documentId },
        },
        [],
        true,
      ),
    says: (earlier) => isRecallOf(earlier, documentId, reason),
  })
  const outcome = outcomes(accepted, await deliveriesOf(pool, document))
  const agencies = [...new Set(wanted.map(({ recipient }) => recipient))]
  return { accepted, recipients: agencies.map((code) => ({ agency: code, outcome: outcome(code) })) }
}

const isRecallOf = (earlier: Envelope, documentId: EdxmlDocumentId, reason: string): boolean =>
  earlier.kind === 'document' &&
  earlier.business.operation === 'recall' &&
  earlier.business.documentId === documentId &&
  earlier.business.reason === reason.trim()

type Sent = DeliveryRecord & { readonly addressed: readonly Addressed[] }

/** Everybody who was sent the document, by whichever hand-in of it, or one of its updates; what was joined with another delivery stands with that. */
async function deliveriesOf(pool: Pool, document: DocumentRecord): Promise<Sent[]> {
  const { sender, partOf, submissionKey } = document
  const handIns = await listHandIns(pool, { sender, wholeKey: partOf ?? submissionKey })
  const versions = await listVersions(pool, handIns)
  const deliveries = (await Promise.all(versions.map((version) => listDeliveries(pool, version)))).flat()
  return deliveries
    .filter((delivery) => !wasJoined(delivery))
    .map((delivery) => ({ ...delivery, addressed: delivery.route.addressed ?? [] }))
}

/** @throws GatewayError `recipients-unresolvable` with everybody who was not sent it */
function namedAmong(
  { directory, day }: DirectoryDay,
  deliveries: readonly Sent[],
  named: readonly string[],
): Sent[] {
  const spoken = spokenOf(deliveries, (code) => predecessorsOf(directory, code, day))
  const found = named.map((spelling) => {
    const code = directory.codeOf(spelling, day)?.code
    return spoken({ spelling, code })
  })
  const faults = named.flatMap((spelling, index) =>
    found[index]!.length > 0 ? [] : [notRecipient(spelling, index)],
  )
  if (faults.length > 0) throw new GatewayError('recipients-unresolvable', { faults })
  return [...new Set(found.flat())]
}

/** The names by which a packet came to a recipient: of a group its own, and not those of its members. */
const spellingsOf = ({ recipient, addressed }: Sent): string[] =>
  addressed.length === 0 ? [recipient] : addressed.map(({ spelling }) => spelling)

/** The recipient as the document itself named it. */
const asAddressed = (envelope: DocumentEnvelope, spelling: string): Organ =>
  envelope.to.find(({ organId }) => organId === spelling) ?? { organId: agencyCode(spelling) }

/** Where every version of the document stands with a recipient once the recall is in. */
function outcomes(
  { claims }: AcceptedDocument,
  deliveries: readonly Sent[],
): (agency: AgencyCode) => RecallOutcome {
  const asked = new Set(claims.asked.map((one) => one.agency))
  const withdrawn = new Set(claims.withdrawn.map((one) => one.agency))
  const recipientsOf = (some: readonly Sent[]) => new Set(some.map(({ recipient }) => recipient))
  const open = recipientsOf(deliveries.filter(({ state }) => state !== 'withdrawn'))
  const underWay = recipientsOf(deliveries.filter(({ state }) => canMove(state, 'withdrawn')))
  return (agency) => {
    if (asked.has(agency)) return 'asked'
    if (underWay.has(agency)) return 'withdrawn-in-part'
    if (withdrawn.has(agency)) return 'withdrawn'
    return open.has(agency) ? 'agency-closed' : 'withdrawn-before'
  }
}

const notRecipient = (spelling: string, index: number): Fault => ({
  code: 'recipient-not-sent',
  severity: 'error',
  path: `#/body/recipients/${index}`,
  found: spelling,
  hint: {
    vi: `Văn bản không được gửi tới ${spelling}.`,
    en: `The document was not sent to ${spelling}.`,
  },
})

const nobodyLeft = (): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: {
      vi: 'Văn bản này không được gửi tới ai.',
      en: 'This document was sent to nobody.',
    },
  })
