import { type DeliveryRecord, listDeliveries } from '../db/deliveries.ts'
import { type DocumentRecord, listVersions } from '../db/documents.ts'
import type { Pool } from '../db/pool.ts'
import { type Parties, resolveParties } from '../directory/resolve-parties.ts'
import type { DeliveryState } from '../domain/delivery-state.ts'
import type { DocumentEnvelope, Envelope, Organ } from '../domain/envelope.ts'
import type { Fault } from '../domain/fault.ts'
import type { AgencyCode, EdxmlDocumentId } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { buildDocumentPacket } from '../edxml/build/build-document-packet.ts'
import { acceptOnce } from './accept-once.ts'
import { changeable } from './changeable.ts'
import type { Sender } from './compose-document.ts'
import type { AcceptedDocument, IntakeDependencies } from './submission.ts'

export interface RecallRequest {
  /** What is taken back, from its sender. */
  readonly document: DocumentRecord
  /** Codes or aliases; everybody who was sent it where absent. */
  readonly recipients?: readonly string[]
  readonly reason: string
}

/**
 * - withdrawn: taken back before it was fetched: this recipient never got it and never will;
 * - asked: this recipient has it, and was asked to cancel it;
 * - withdrawn-before: it had been taken back already;
 * - agency-closed: this recipient has it and no longer exists: nobody could be asked.
 */
export type RecallOutcome = 'withdrawn' | 'asked' | 'withdrawn-before' | 'agency-closed'

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
  { document, recipients: named, reason }: RecallRequest,
): Promise<Recalled> {
  const { envelope, documentId } = changeable(document)
  const reached = await recipientsOf(dependencies.pool, document)
  const spellings = [...reached, ...(named ?? []), ...envelope.to.map(({ organId }) => organId)]
  const parties = await resolveParties(dependencies.pool, spellings)
  const wanted = named === undefined ? reached : resolveNamed(parties, reached, named)
  if (wanted.length === 0) throw nobodyLeft()
  const to = wanted.map((code) => asAddressed(envelope, parties, code))
  const accepted = await acceptOnce(dependencies, sender, {
    write: (timestamp) =>
      buildDocumentPacket(
        {
          ...envelope,
          to,
          trace: [{ organId: envelope.from.organId, timestamp }],
          business: { operation: 'recall', reason, documentId },
        },
        [],
        true,
      ),
    says: (earlier) => isRecallOf(earlier, documentId, reason),
  })
  const states = await statesAfter(dependencies.pool, document)
  return {
    accepted,
    recipients: wanted.map((agency) => ({ agency, outcome: outcomeFor(accepted, states, agency) })),
  }
}

const isRecallOf = (earlier: Envelope, documentId: EdxmlDocumentId, reason: string): boolean =>
  earlier.kind === 'document' &&
  earlier.business.operation === 'recall' &&
  earlier.business.documentId === documentId &&
  earlier.business.reason === reason.trim()

/** Everybody who was sent the document or one of its updates. */
async function recipientsOf(pool: Pool, document: DocumentRecord): Promise<AgencyCode[]> {
  return [...new Set((await deliveriesOf(pool, document)).map(({ recipient }) => recipient))]
}

async function deliveriesOf(pool: Pool, document: DocumentRecord): Promise<DeliveryRecord[]> {
  const versions = await listVersions(pool, [document.key])
  return (await Promise.all(versions.map((version) => listDeliveries(pool, version)))).flat()
}

function resolveNamed(
  parties: Parties,
  reached: readonly AgencyCode[],
  named: readonly string[],
): AgencyCode[] {
  const known = new Set<string>(reached)
  const faults = named.flatMap((spelling, index): Fault[] => {
    const code = parties.get(spelling)?.code
    return code !== undefined && known.has(code) ? [] : [notRecipient(spelling, index)]
  })
  if (faults.length > 0) throw new GatewayError('recipients-unresolvable', { faults })
  return [...new Set(named.map((spelling) => parties.get(spelling)!.code))]
}

/** The recipient as the document itself named it. */
const asAddressed = (envelope: DocumentEnvelope, parties: Parties, code: AgencyCode): Organ =>
  envelope.to.find(({ organId }) => parties.get(organId)?.code === code) ?? { organId: code }

/** Where every version of the document stands with each recipient once the recall is in. */
async function statesAfter(pool: Pool, document: DocumentRecord): Promise<Map<AgencyCode, DeliveryState[]>> {
  const states = new Map<AgencyCode, DeliveryState[]>()
  for (const { recipient, state } of await deliveriesOf(pool, document)) {
    states.set(recipient, [...(states.get(recipient) ?? []), state])
  }
  return states
}

function outcomeFor(
  { claims }: AcceptedDocument,
  states: ReadonlyMap<AgencyCode, readonly DeliveryState[]>,
  agency: AgencyCode,
): RecallOutcome {
  if (claims.asked.some((asked) => asked.agency === agency)) return 'asked'
  if (claims.withdrawn.some((withdrawn) => withdrawn.agency === agency)) return 'withdrawn'
  return states.get(agency)?.every((state) => state === 'withdrawn') ? 'withdrawn-before' : 'agency-closed'
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
