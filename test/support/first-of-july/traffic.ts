import { createHash } from 'node:crypto'
import { seededRandom } from '../../../src/directory/seed/seeded-random.ts'
import { agencyCode, type DocumentKey } from '../../../src/domain/identifiers.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import { acknowledge, handOver } from '../../../src/receipts/hand-over.ts'
import { callerOf } from '../caller-of.ts'
import { documentPacket } from '../packets.ts'
import { type JulyTrial, SENDERS } from './trial.ts'

/** A document of the thirtieth of June, as its sender knows it. */
export interface Sent {
  readonly document: DocumentKey
  readonly documentId: string
  readonly sender: string
  readonly to: readonly string[]
  readonly packetSha256: string
}

/** Recipients that merge into one: a document to both must reach it once. */
const TOGETHER = [
  ['H47', 'H17'],
  ['H22', 'H60'],
] as const

const AT_ONCE = 4

/** How a reader learns that midnight was faster: the item went to the successor, or was joined with another there. */
const OVERTAKEN: readonly string[] = ['delivery-moved', 'delivery-withdrawn']

/** Sends documents numbered from `first`, each to some recipients of every kind. */
export async function sendDocuments(trial: JulyTrial, first: number, count: number): Promise<Sent[]> {
  const sent: Sent[] = []
  let next = first
  const one = async () => {
    while (next < first + count) {
      const number = next
      next += 1
      sent.push(await sendOne(trial, number))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  return sent
}

async function sendOne(trial: JulyTrial, number: number): Promise<Sent> {
  const random = seededRandom(number)
  const sender = random.pick(SENDERS)
  const chosen = Array.from({ length: 1 + random.below(4) }, () => random.pick(trial.world.recipients).code)
  const together = random.below(8) === 0 ? random.pick(TOGETHER) : []
  const to = [...new Set<string>([...chosen, ...together])].filter((code) => code !== sender)
  if (to.length === 0) to.push('H57')
  const documentId = `${sender},2025/06/30,${number}/CV-VP`
  const packet = await documentPacket({
    from: sender,
    to,
    documentId,
    subject: `V/v công việc số ${number} của ngày cuối tháng sáu`,
    priority: number % 5,
  })
  const { claims } = await trial.submit(sender, packet)
  const packetSha256 = createHash('sha256').update(packet).digest('hex')
  return { document: claims.document, documentId, sender, to, packetSha256 }
}

/**
 * The systems of recipients take what lies in their inboxes: each `every`th item, and acknowledge each second of these.
 * Answers how many were taken, and how many had moved before they could be.
 */
export async function takeItems(
  { api: { pool } }: JulyTrial,
  every: number,
  among: (agency: string) => boolean = () => true,
): Promise<{ taken: number; missed: number }> {
  const { rows } = await pool.query<{ id: string; recipient_code: string }>(
    `select id, recipient_code from delivery where state = 'available' order by id`,
  )
  let [taken, missed] = [0, 0]
  const items = rows.filter(({ recipient_code }) => among(recipient_code))
  for (const [index, { id, recipient_code: agency }] of items.entries()) {
    if (index % every !== 0) continue
    const own = {
      caller: callerOf(agency),
      agency: agencyCode(agency),
      delivery: id as Parameters<typeof handOver>[1]['delivery'],
      claimToken: null,
    }
    try {
      await handOver(pool, own)
      if (taken % 2 === 0) await acknowledge(pool, own)
      taken += 1
    } catch (error) {
      if (!(error instanceof GatewayError) || !OVERTAKEN.includes(error.code)) throw error
      missed += 1
    }
  }
  return { taken, missed }
}
