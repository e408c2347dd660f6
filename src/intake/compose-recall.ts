import type { AgencyRecord } from '../db/agencies.ts'
import { listDeliveries } from '../db/deliveries.ts'
import { type DocumentRecord, listVersions } from '../db/documents.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import { type Parties, resolveParties } from '../directory/resolve-parties.ts'
import { isOpenOn } from '../domain/agency.ts'
import type { DocumentEnvelope, Organ } from '../domain/envelope.ts'
import type { Fault } from '../domain/fault.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
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
 * - agency-closed: this recipient no longer exists, nobody could be asked.
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
  const day = vietnamDay(await databaseNow(dependencies.pool))
  const wanted = named === undefined ? reached : resolveNamed(parties, reached, named)
  const [open, closed] = partition(wanted, (code) => isOpen(parties.get(code), day))
  if (open.length === 0) throw nobodyLeft()
  const to = open.map((code) => asAddressed(envelope, parties, code))
  const accepted = await acceptOnce(dependencies, sender, (timestamp) =>
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
  )
  const outcomes = open.map((agency) => ({ agency, outcome: outcomeFor(accepted, agency) }))
  return {
    accepted,
    recipients: [...outcomes, ...closed.map((agency) => ({ agency, outcome: 'agency-closed' as const }))],
  }
}

/** Everybody who was sent the document or one of its updates. */
async function recipientsOf(pool: Pool, document: DocumentRecord): Promise<AgencyCode[]> {
  const versions = await listVersions(pool, [document.key])
  const deliveries = await Promise.all(versions.map((version) => listDeliveries(pool, version)))
  return [...new Set(deliveries.flat().map(({ recipient }) => recipient))]
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

const isOpen = (agency: AgencyRecord | undefined, day: string): boolean =>
  agency !== undefined && isOpenOn(agency, day)

/** The recipient as the document itself named it. */
const asAddressed = (envelope: DocumentEnvelope, parties: Parties, code: AgencyCode): Organ =>
  envelope.to.find(({ organId }) => parties.get(organId)?.code === code) ?? { organId: code }

function outcomeFor({ claims }: AcceptedDocument, agency: AgencyCode): RecallOutcome {
  if (claims.asked.some((asked) => asked.agency === agency)) return 'asked'
  return claims.withdrawn.some((withdrawn) => withdrawn.agency === agency) ? 'withdrawn' : 'withdrawn-before'
}

function partition<T>(items: readonly T[], holds: (item: T) => boolean): [T[], T[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))]
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
      vi: 'Không còn nơi nhận nào đang hoạt động để thu hồi.',
      en: 'No recipient is left that is open and could be asked.',
    },
  })
