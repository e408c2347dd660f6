import type { SentEdoc } from '../axis/answers.ts'
import { type HandedOn, markArrived, noteFailedThere, takeReceiptsDue } from '../db/handed-on.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { RegistryHolder } from '../directory/snapshot/holder.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import type { Exchange, Exchanges } from './exchanges.ts'
import { namesThere } from './names-there.ts'
import { recordDelivery } from './record-delivery.ts'

export interface ReceiptRoundDependencies {
  readonly pool: Pool
  readonly registry: RegistryHolder
  readonly exchanges: Exchanges
  /** Names this process in events. */
  readonly worker: string
}

export interface ReceiptRound {
  readonly asked: number
  readonly acknowledged: number
  readonly failed: number
}

const MOST_AT_ONCE = 500
const LONGEST_ANSWER_MS = 20_000

/**
 * Asks other exchanges whether recipients have what was handed on to them (getSentEdocList of one document at a time). An
 * exchange that cannot be reached, or knows nothing, is asked again later: the deliveries stay handed over.
 * @param onProgress told after each question
 */
export async function askForReceipts(
  { pool, registry, exchanges, worker }: ReceiptRoundDependencies,
  onProgress: () => void,
  signal: AbortSignal,
): Promise<ReceiptRound> {
  const counts = { asked: 0, acknowledged: 0, failed: 0 }
  if (exchanges.all.length === 0) return counts
  const due = await takeReceiptsDue(pool, MOST_AT_ONCE)
  const day = vietnamDay(await databaseNow(pool))
  for (const group of byDocumentThere(due)) {
    if (signal.aborted) break
    const [first] = group
    const exchange = exchanges.find(first!.channel, first!.route.gateway)
    const items = exchange && (await listSent(exchange, first!, signal))
    counts.asked += 1
    for (const delivery of items === undefined ? [] : group) {
      const said = wordOn(delivery, items!, registry.current().directory, day)
      if (said !== undefined && (await write(pool, worker, delivery, said))) counts[said.outcome] += 1
    }
    onProgress()
  }
  return counts
}

/** One question is enough for all recipients of a document. */
function byDocumentThere(due: readonly HandedOn[]): HandedOn[][] {
  const groups = new Map<string, HandedOn[]>()
  for (const one of due) {
    const name = JSON.stringify([one.channel, one.route.gateway, one.kind, one.remoteId])
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  return [...groups.values()]
}

async function listSent(
  { client, reach }: Exchange,
  { kind, remoteId }: HandedOn,
  signal: AbortSignal,
): Promise<readonly SentEdoc[] | undefined> {
  if (reach.restsFor(performance.now()) > 0) return undefined
  const messageType = kind === 'status' ? 'status' : 'edoc'
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_ANSWER_MS)])
  const outcome = await client.getSentEdocList({ messageType, docId: remoteId }, deadline)
  reach.saw(outcome.ok ? undefined : outcome.failure, performance.now())
  // Some answer with everything that was ever sent, whatever they are asked for.
  return outcome.ok ? outcome.value.items.filter(({ senderDocId }) => senderDocId === remoteId) : undefined
}

type Word =
  | { readonly outcome: 'acknowledged' }
  | { readonly outcome: 'failed'; readonly status: string; readonly description: string }

/** What the other exchange says of one recipient; undefined where it says nothing yet. */
function wordOn(
  delivery: HandedOn,
  items: readonly SentEdoc[],
  directory: DirectorySnapshot,
  day: string,
): Word | undefined {
  const names = new Set(namesThere(delivery))
  const item = items.find(
    ({ toCode }) => names.has(toCode) || directory.codeOf(toCode, day)?.code === delivery.recipient,
  )
  if (item === undefined) return undefined
  const [received, sent] = [item.receiveStatus.toLowerCase(), item.sendStatus.toLowerCase()]
  if (received === 'done') return { outcome: 'acknowledged' }
  if (received === 'fail')
    return { outcome: 'failed', status: 'receive', description: item.receiveStatusDesc }
  if (sent === 'fail') return { outcome: 'failed', status: 'send', description: item.sendStatusDesc }
  return undefined
}

/** Returns whether that was news. */
const write = (pool: Pool, worker: string, delivery: HandedOn, said: Word): Promise<boolean> =>
  inTransaction(pool, async (db) => {
    const { remoteId } = delivery
    if (said.outcome === 'acknowledged') {
      if (!(await markArrived(db, delivery.key))) return false
      await recordDelivery(db, worker, [{ delivery, kind: 'delivery-acknowledged', detail: { remoteId } }])
      return true
    }
    const { status, description } = said
    if (!(await noteFailedThere(db, delivery.key, reasonOf(description)))) return false
    const detail = { remoteId, status, description }
    await recordDelivery(db, worker, [{ delivery, kind: 'delivery-failed-there', detail }])
    return true
  })

const reasonOf = (description: string) => ({
  code: 'failed-there',
  explanation: {
    vi: `Trục khác báo bên nhận chưa nhận được: ${description}`,
    en: `The other exchange says that the recipient did not get it: ${description}`,
  },
})
