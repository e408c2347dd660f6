import type { DeliveryState } from '../../src/domain/delivery-state.ts'
import type { Evidence, StoredDelivery, StoredDocument } from './evidence.ts'
import type { Entry, Line } from './journal.ts'
import { unaudited } from './oracle-events.ts'
import type { Report } from './oracle-report.ts'

type Of<K extends Entry['is']> = Extract<Line, { is: K }>

const linesOf = <K extends Entry['is']>(journal: readonly Line[], kind: K): Of<K>[] =>
  journal.filter((line): line is Of<K> => line.is === kind)

const byKey = <T extends { readonly key: string }>(list: readonly T[]): Map<string, T> =>
  new Map(list.map((one) => [one.key, one]))

/** The evidence, as it is looked up. */
interface Looked extends Evidence {
  /** What confirmed receipts name: who is to get which document, by which delivery. */
  readonly named: readonly Named[]
  readonly intents: ReadonlyMap<string, Of<'intent'>>
  readonly accepted: readonly Of<'accepted'>[]
  readonly taken: readonly Of<'taken'>[]
  readonly document: ReadonlyMap<string, StoredDocument>
  readonly delivery: ReadonlyMap<string, StoredDelivery>
  readonly takenDeliveries: ReadonlySet<string>
}

interface Named {
  readonly document: string
  readonly agency: string
  readonly delivery: string
}

function namedBy({ journal, attested }: Evidence): Named[] {
  const receipts = new Map(
    linesOf(journal, 'accepted').map(({ document, receipt }) => [
      `${document}\n${receipt}`,
      { document, receipt },
    ]),
  )
  return [...receipts.values()].flatMap(({ document, receipt }) =>
    (attested.get(receipt)?.recipients ?? []).map(({ agency, delivery }) => ({ document, agency, delivery })),
  )
}

/** Compares; nothing is asked of anybody. Every list of the report names what contradicts, and why. */
export function judge(evidence: Evidence): Report {
  const { journal } = evidence
  const taken = linesOf(journal, 'taken')
  const looked: Looked = {
    ...evidence,
    named: namedBy(evidence),
    intents: new Map(linesOf(journal, 'intent').map((line) => [line.document, line])),
    accepted: linesOf(journal, 'accepted'),
    taken,
    document: byKey(evidence.documents),
    delivery: byKey(evidence.deliveries),
    takenDeliveries: new Set(taken.map(({ delivery }) => delivery)),
  }
  const counts = countsOf(looked)
  return {
    counts,
    unbalanced: unbalanced(counts),
    lost: [...unnamed(looked), ...lost(looked)],
    duplicated: duplicated(looked),
    unexpected: unexpected(looked),
    altered: altered(looked),
    groundless: groundless(looked),
    unaudited: unaudited(looked),
  }
}

/** What a state counts as. */
const COUNTS_AS = {
  waiting: 'waiting',
  available: 'waiting',
  'handed-over': 'waiting',
  acknowledged: 'delivered',
  withdrawn: 'recalled',
  failed: 'failed',
} as const satisfies Record<DeliveryState, keyof Report['counts']>

function countsOf({ intents, accepted, documents, named, delivery }: Looked): Report['counts'] {
  const confirmed = new Set(accepted.map(({ document }) => document))
  const stored = new Set(documents.map(({ name }) => name))
  const counts = {
    intended: intents.size,
    accepted: confirmed.size,
    recovered: [...stored].filter((name) => !confirmed.has(name)).length,
    named: named.length,
    delivered: 0,
    waiting: 0,
    failed: 0,
    recalled: 0,
  }
  for (const key of new Set(named.map((one) => one.delivery))) {
    const state = delivery.get(key)?.state
    if (state !== undefined) counts[COUNTS_AS[state]] += 1
  }
  return counts
}

/** Every delivery that a confirmed receipt names is in one of four states, and none stands for two. */
function unbalanced({ named, delivered, waiting, failed, recalled }: Report['counts']): string[] {
  const found = delivered + waiting + failed + recalled
  return named === found ? [] : [`receipts name ${named} deliveries, and there are ${found} of them`]
}

/** Whom the sender of a new document named, and its receipt does not: by a code, or by one that led elsewhere. */
function unnamed({ accepted, attested, intents }: Looked): string[] {
  return accepted.flatMap(({ document, receipt }) => {
    const intent = intents.get(document)
    const claims = attested.get(receipt)
    if (claims === undefined || intent?.operation !== 'new') return []
    const reached = new Set(
      claims.recipients.flatMap(({ agency, addressedAs = [] }): string[] => [
        agency,
        ...addressedAs.flatMap(({ spelling, code, group }) => [spelling, code, group?.code ?? code]),
      ]),
    )
    return intent.to
      .filter((to) => !reached.has(to))
      .map((to) => `${document} to ${to}: its receipt does not name this agency`)
  })
}

/** Everybody whom a confirmed receipt names has it, or waits for it, or is told why not. */
function lost({ named, attested, delivery, documents, takenDeliveries }: Looked): string[] {
  const receipts = documents.flatMap(({ receipt }) => attested.get(receipt) ?? [])
  const takenBack = new Set(receipts.flatMap(({ withdrawn }) => withdrawn.map((one): string => one.delivery)))
  const fate = (key: string): string | undefined => {
    const state = delivery.get(key)?.state
    if (state === undefined) return 'is not there'
    if (state === 'acknowledged' && !takenDeliveries.has(key)) return 'is acknowledged, and nobody took it'
    if (state === 'withdrawn' && !takenBack.has(key)) return 'is withdrawn, and nobody asked for that'
    return undefined
  }
  return named.flatMap(({ document, agency, delivery: key }) => {
    const why = fate(key)
    return why === undefined ? [] : [`${document} to ${agency}: delivery ${key} ${why}`]
  })
}

/** Names that come more than once, with how often. */
function repeated(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].filter(([, count]) => count > 1).map(([name, count]) => `${name} (${count} times)`)
}

/** Two entries for one document in one inbox; two documents for one submission; two receipts for one document. */
function duplicated({ taken, documents, accepted, deliveries }: Looked): string[] {
  const entries = new Map(
    taken.map((line) => [line.delivery, `${line.document} in the inbox of ${line.agency}`]),
  )
  const receipts = new Set(accepted.map(({ document, receipt }) => `${document}\n${receipt}`))
  return [
    ...repeated([...entries.values()]),
    ...repeated(documents.map(({ name }) => `${name} in the gateway`)),
    ...repeated([...receipts].map((pair) => `receipt of ${pair.split('\n')[0]}`)),
    ...repeated(deliveries.map(({ document, agency }) => `delivery of ${document} to ${agency}`)),
  ]
}

/** What somebody holds, and nobody sent there. */
function unexpected({ taken, delivery, document, intents, documents }: Looked): string[] {
  const held = taken.flatMap((line) => {
    const known = delivery.get(line.delivery)
    const name = `${line.document} in the inbox of ${line.agency}`
    if (known === undefined) return [`${name}: no such delivery`]
    if (known.agency !== line.agency) return [`${name}: it is for ${known.agency}`]
    if (document.get(known.document)?.name !== line.document)
      return [`${name}: it is another document's delivery`]
    if (known.state === 'withdrawn') return [`${name}: it was withdrawn before anybody took it`]
    const to = intents.get(line.document)?.to
    return to === undefined || to.includes(line.agency) ? [] : [`${name}: its sender never named this agency`]
  })
  const unsent = documents
    .filter(({ name }) => !intents.has(name))
    .map(({ name }) => `${name}: nobody sent it`)
  return [...held, ...unsent]
}

/** Bytes that differ: of what was sent, stored, attested and received. */
function altered({ taken, intents, delivery, document, documents, attested }: Looked): string[] {
  const sent = (name: string): string | undefined => intents.get(name)?.sha256 || undefined
  const received = taken
    .filter((line) => {
      const stored = document.get(delivery.get(line.delivery)?.document ?? '')
      return line.sha256 !== (sent(line.document) ?? stored?.sha256 ?? line.sha256)
    })
    .map((line) => `${line.document} as ${line.agency} got it`)
  const kept = documents
    .filter(({ name, sha256 }) => sha256 !== (sent(name) ?? sha256))
    .map(({ name }) => `${name} as the gateway keeps it`)
  const receipted = documents
    .filter(({ receipt, sha256 }) => sha256 !== (attested.get(receipt)?.packetSha256 ?? sha256))
    .map(({ name }) => `${name} as its receipt has it`)
  return [...received, ...kept, ...receipted]
}

/** Receipts that do not verify, that attest what is not there, or that are not the one on record. */
function groundless({
  accepted,
  attested,
  document,
  delivery,
  documents,
  deliveryReceipts,
}: Looked): string[] {
  const held = accepted.flatMap(({ document: name, key, receipt }) => {
    const claims = attested.get(receipt)
    if (claims === undefined) return [`${name}: the receipt does not verify`]
    const stored = document.get(claims.document)
    if (stored === undefined || claims.document !== key) return [`${name}: no document of the receipt`]
    if (stored.name !== name) return [`${name}: the receipt is of ${stored.name}`]
    return stored.receipt === receipt ? [] : [`${name}: another receipt is on record`]
  })
  const kept = documents
    .filter(({ receipt }) => !attested.has(receipt))
    .map(({ name }) => `${name}: the receipt on record does not verify`)
  const ofDeliveries = deliveryReceipts.flatMap(({ document: key, claims }) => {
    if (claims === null) return [`a delivery receipt of ${key} does not verify`]
    const stored = delivery.get(claims.delivery)
    const fits =
      stored !== undefined &&
      stored.document === claims.document &&
      stored.agency === claims.agency &&
      stored.state === claims.state &&
      document.get(key)?.sha256 === claims.packetSha256
    return fits ? [] : [`the receipt of delivery ${claims.delivery} says what is not on record`]
  })
  return [...held, ...kept, ...ofDeliveries]
}
