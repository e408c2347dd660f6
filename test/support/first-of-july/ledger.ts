import { createHash } from 'node:crypto'
import { type DeliveryRecord, listDeliveries } from '../../../src/db/deliveries.ts'
import { addressedOf } from '../../../src/delivery/in-flight/addressed.ts'
import { sha256 } from '../../../src/domain/identifiers.ts'
import type { Sent } from './traffic.ts'
import type { JulyTrial } from './trial.ts'
import type { Fate } from './world.ts'

/** What became of one document for one agency that it named. */
export interface LedgerLine {
  readonly documentId: string
  readonly named: string
  readonly fate: Fate
  /** Who has it, or is to have it. */
  readonly recipient: string | null
  readonly state: string
  readonly outcome: Outcome
}

export type Outcome =
  | 'at the agency that was named'
  | 'at the successor'
  | "joined with the successor's own"
  | 'handed over before midnight'
  | 'returned with a reason'
  | 'UNACCOUNTED'

const isJoined = ({ state, reason }: DeliveryRecord): boolean =>
  state === 'withdrawn' && (reason as { code?: string } | null)?.code === 'joined'

/** One line for each document and each agency that it named. */
export async function ledgerOf(trial: JulyTrial, sent: readonly Sent[]): Promise<LedgerLine[]> {
  const fates = new Map<string, Fate>(trial.world.recipients.map(({ code, fate }) => [code, fate]))
  const lines: LedgerLine[] = []
  for (const { document, documentId, to } of sent) {
    const deliveries = await listDeliveries(trial.api.pool, document)
    for (const named of to) {
      const fate = fates.get(named) ?? 'untouched'
      const living = deliveries.filter(
        (delivery) => !isJoined(delivery) && addressedOf(delivery.route).some(({ code }) => code === named),
      )
      const [only] = living
      const outcome =
        living.length === 1 && only !== undefined ? outcomeOf(named, fate, only, deliveries) : 'UNACCOUNTED'
      lines.push({
        documentId,
        named,
        fate,
        recipient: only?.recipient ?? null,
        state: living.map(({ state }) => state).join(' and '),
        outcome,
      })
    }
  }
  return lines
}

function outcomeOf(named: string, fate: Fate, only: DeliveryRecord, all: readonly DeliveryRecord[]): Outcome {
  const taken = only.state === 'handed-over' || only.state === 'acknowledged'
  if (only.recipient !== named) {
    if (fate !== 'redirect') return 'UNACCOUNTED'
    return all.some((one) => one.recipient === named && isJoined(one))
      ? "joined with the successor's own"
      : 'at the successor'
  }
  if (fate === 'untouched' || fate === 'keep') return 'at the agency that was named'
  if (taken) return 'handed over before midnight'
  const reason = only.reason as { code?: string } | null
  return fate === 'bounce' && only.state === 'failed' && reason?.code === 'recipient-closed'
    ? 'returned with a reason'
    : 'UNACCOUNTED'
}

/** How many lines of each fate have come to what. */
export function summaryOf(lines: readonly LedgerLine[]): string[] {
  const counts = new Map<string, number>()
  for (const { fate, outcome, state } of lines) {
    const key = `${fate.padEnd(9)}  ${outcome.padEnd(32)}  ${state}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].sort().map(([key, count]) => `${String(count).padStart(5)}  ${key}`)
}

/** Inboxes in which a number is missing that is not on record as having left. */
export async function unexplainedGaps({ api: { pool } }: JulyTrial): Promise<unknown[]> {
  const { rows } = await pool.query(
    `select inbox.agency_code, number from inbox, generate_series(1, inbox.last_number) as number
      where not exists (select from delivery where recipient_code = inbox.agency_code and inbox_number = number)
        and not exists (select from inbox_departure as gone
          where gone.agency_code = inbox.agency_code and gone.inbox_number = number)`,
  )
  return rows
}

/** Documents whose packet is no more, byte for byte, what was sent. */
export async function damaged({ api }: JulyTrial, sent: readonly Sent[]): Promise<string[]> {
  const wrong: string[] = []
  for (const { documentId, packetSha256 } of sent) {
    const hash = createHash('sha256')
    for await (const chunk of api.blobs.read(sha256(packetSha256))) hash.update(chunk)
    if (hash.digest('hex') !== packetSha256) wrong.push(documentId)
  }
  return wrong
}
