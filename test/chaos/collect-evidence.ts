import { base64url, type CryptoKey, compactVerify, decodeProtectedHeader, type KeyObject } from 'jose'
import { databaseNow } from '../../src/db/now.ts'
import type { DeliveryState } from '../../src/domain/delivery-state.ts'
import type { AcceptanceReceipt } from '../../src/domain/receipt.ts'
import { verifyDeliveryReceipt, verifyReceipt } from '../../src/signature/receipt-jws.ts'
import type { CountedEvent, Evidence, StoredDelivery, StoredDocument } from './evidence.ts'
import { nameOf, statusName } from './letters.ts'
import { judge } from './oracle.ts'
import type { Report } from './oracle-report.ts'
import type { World } from './world.ts'

/** Lets the oracle compare what a trial has left behind. The gateway may be running, and must be at rest. */
export const askOracle = async (world: World): Promise<Report> => judge(await collectEvidence(world))

/** What evidence is collected from. */
export type Collected = Pick<World, 'systems' | 'pool' | 'trust'> & {
  readonly journal: Pick<World['journal'], 'lines'>
}

/** @param passOver keys of documents that nobody sent, such as copies that a trial put into the database */
export async function collectEvidence(
  world: Collected,
  passOver: ReadonlySet<string> = new Set(),
): Promise<Evidence> {
  const counts = ({ document }: { readonly document: string }) => !passOver.has(document)
  const documents = (await storedDocuments(world)).filter(({ key }) => !passOver.has(key))
  const journal = [...world.journal.lines]
  const held = journal.flatMap((line) => (line.is === 'accepted' ? [line.receipt] : []))
  return {
    journal,
    documents,
    deliveries: (await storedDeliveries(world)).filter(counts),
    events: (await countedEvents(world)).filter(counts),
    deliveryReceipts: await deliveryReceipts(world, documents),
    attested: await verified(world, new Set([...held, ...documents.map(({ receipt }) => receipt)])),
  }
}

async function storedDocuments({ pool }: Collected): Promise<StoredDocument[]> {
  const { rows } = await pool.query<{
    id: string
    sender_code: string
    operation: string | null
    edxml_document_id: string | null
    status_code: string | null
    spoken_of: string | null
    packet_sha256: string
    receipt: string
  }>(
    `select id, sender_code, operation, edxml_document_id, status_code,
      envelope -> 'responseFor' ->> 'documentId' as spoken_of, packet_sha256, receipt from document`,
  )
  return rows.map((row) => ({
    key: row.id,
    name:
      row.operation === null
        ? statusName(row.spoken_of ?? '', row.status_code ?? '', row.sender_code)
        : nameOf(row.edxml_document_id ?? '', row.operation),
    sender: row.sender_code,
    sha256: row.packet_sha256,
    receipt: row.receipt,
  }))
}

async function storedDeliveries({ pool }: Collected): Promise<StoredDelivery[]> {
  const { rows } = await pool.query<{
    id: string
    document_id: string
    recipient_code: string
    state: DeliveryState
  }>('select id, document_id, recipient_code, state from delivery')
  return rows.map((row) => ({
    key: row.id,
    document: row.document_id,
    agency: row.recipient_code,
    state: row.state,
  }))
}

async function countedEvents({ pool }: Collected): Promise<CountedEvent[]> {
  const { rows } = await pool.query<{
    kind: string
    document_id: string
    delivery_id: string | null
    count: number
  }>(
    `select kind, document_id, delivery_id, count(*) as count from audit_event
      where document_id is not null group by kind, document_id, delivery_id`,
  )
  return rows.map((row) => ({
    kind: row.kind,
    document: row.document_id,
    delivery: row.delivery_id,
    count: row.count,
  }))
}

/** Of how many documents the gateway is asked for receipts of their deliveries: it signs each anew. */
const SAMPLE = 40

async function deliveryReceipts(
  { systems, pool, trust }: Collected,
  documents: readonly StoredDocument[],
): Promise<Evidence['deliveryReceipts']> {
  const context = { trust, time: await databaseNow(pool) }
  const step = Math.max(1, Math.floor(documents.length / SAMPLE))
  const found: Evidence['deliveryReceipts'][number][] = []
  for (let at = 0; at < documents.length; at += step) {
    const { key, sender } = documents[at]!
    const path = `/v1/documents/${key}/receipts`
    const answer = await systems.get(sender)?.persist({ method: 'GET', path }, () => undefined)
    if (answer?.status !== 200) throw new Error(`no receipts of ${key}: ${answer?.status ?? 'no answer'}`)
    const { items } = JSON.parse(answer.body.toString()) as { items: { receipt: string }[] }
    for (const { receipt } of items) {
      const verified = await verifyDeliveryReceipt(receipt, context).catch(() => null)
      found.push({ document: key, claims: verified?.trust === 'trusted' ? verified.receipt : null })
    }
  }
  return found
}

/** What sound receipts attest. The path of a certificate is looked at once, each signature by itself. */
async function verified(
  { pool, trust }: Collected,
  receipts: ReadonlySet<string>,
): Promise<Map<string, AcceptanceReceipt>> {
  const time = await databaseNow(pool)
  const keys = new Map<string, CryptoKey | KeyObject | null>()
  const keyOf = async (receipt: string) => {
    const chain = JSON.stringify(decodeProtectedHeader(receipt))
    const known = keys.get(chain)
    if (known !== undefined) return known
    const { signer, trust: state } = await verifyReceipt(receipt, { trust, time })
    const key = state === 'trusted' ? signer.publicKey : null
    keys.set(chain, key)
    return key
  }
  const attested = new Map<string, AcceptanceReceipt>()
  for (const receipt of receipts) {
    try {
      const key = await keyOf(receipt)
      if (key === null) continue
      await compactVerify(receipt, key)
      const claims = new TextDecoder().decode(base64url.decode(receipt.split('.')[1]!))
      attested.set(receipt, JSON.parse(claims))
    } catch {
      // Not among the sound ones: the oracle tells of which document.
    }
  }
  return attested
}
