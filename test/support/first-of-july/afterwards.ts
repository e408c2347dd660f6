import { findDelivery } from '../../../src/db/deliveries.ts'
import { findDocument } from '../../../src/db/documents.ts'
import { type AgencyCode, type DeliveryKey, edxmlDocumentId } from '../../../src/domain/identifiers.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import { deliveryReceipts } from '../../../src/receipts/delivery-receipts.ts'
import { documentPacket, statusPacket } from '../packets.ts'
import type { LedgerLine } from './ledger.ts'
import type { Sent } from './traffic.ts'
import type { JulyTrial } from './trial.ts'

const hasMoved = ({ outcome }: LedgerLine): boolean =>
  outcome === 'at the successor' || outcome === "joined with the successor's own"

/** Documents that moved, and whose signed receipt does not name both agencies, each by code and name. */
export async function receiptsWithoutBothNames(
  { api }: JulyTrial,
  sent: readonly Sent[],
  lines: readonly LedgerLine[],
): Promise<string[]> {
  const byId = new Map(sent.map((one) => [one.documentId, one]))
  const wrong: string[] = []
  for (const { documentId, named, recipient } of lines.filter(hasMoved)) {
    const record = await findDocument(api.pool, byId.get(documentId)!.document)
    const receipts = await deliveryReceipts(api, record!, null, 500)
    const told = receipts.map(({ receipt }) => claimsOf(receipt)).find(({ agency }) => agency === recipient)
    const name = told?.addressedAs.find(({ code }) => code === named)
    const last = name?.hops.at(-1)?.to
    const both =
      name !== undefined && name.name !== '' && last?.code === recipient && last.name === told?.name
    if (!both) wrong.push(`${documentId} ${named}`)
  }
  return wrong
}

interface Claims {
  readonly agency: string
  readonly name: string
  readonly addressedAs: readonly {
    readonly code: string
    readonly name: string
    readonly hops: readonly { readonly to: { readonly code: string; readonly name: string } }[]
  }[]
}

/** What stands in a compact JWS. */
const claimsOf = (receipt: string): Claims =>
  JSON.parse(Buffer.from(receipt.split('.')[1]!, 'base64url').toString('utf8'))

/**
 * Successors report on what they were handed and that was addressed to others. Answers which of these reports did not
 * find their delivery.
 */
export async function lostStatuses(
  trial: JulyTrial,
  sent: readonly Sent[],
  lines: readonly LedgerLine[],
): Promise<{ reported: number; lost: string[] }> {
  const { pool } = trial.api
  const byId = new Map(sent.map((one) => [one.documentId, one]))
  const lost: string[] = []
  let reported = 0
  for (const { documentId, recipient } of lines.filter(hasMoved)) {
    const { document, sender } = byId.get(documentId)!
    const { rows } = await pool.query<{ id: DeliveryKey }>(
      `select id from delivery where document_id = $1 and recipient_code = $2 and handed_over_at is not null`,
      [document, recipient],
    )
    const delivery = rows[0]?.id
    if (delivery === undefined || recipient === null) continue
    await trial.connect(recipient)
    const packet = statusPacket({ from: recipient, to: sender, documentId, code: '03' })
    reported += 1
    await trial.submit(recipient, packet).catch((error: unknown) => {
      if (!(error instanceof GatewayError) || error.code !== 'already-exists') throw error
    })
    if ((await findDelivery(pool, delivery))?.processingStatus !== '03') lost.push(documentId)
  }
  return { reported, lost }
}

/** Sends a document to an old code on the first of July: who gets it, or why it is refused. */
export async function sendToOldCode(trial: JulyTrial, code: AgencyCode, number: number) {
  const documentId = `G22,2025/07/01,${number}/CV-VP`
  const packet = await documentPacket({ from: 'G22', to: [code], documentId })
  try {
    const { claims } = await trial.submit('G22', packet)
    return { recipients: claims.recipients, faults: [] }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { recipients: [], faults: error.faults }
  }
}

/** The successor takes back what its predecessor sent: what was withdrawn, and what must be asked for. */
export async function recallAsSuccessor(trial: JulyTrial, successor: string, { documentId, to }: Sent) {
  await trial.connect(successor)
  const business = { operation: 'recall' as const, documentId: edxmlDocumentId(documentId), reason: 'Nhầm' }
  const packet = await documentPacket({ from: successor, to, documentId, business })
  return (await trial.submit(successor, packet)).claims
}
