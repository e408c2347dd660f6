import { type EarlierHandIn, findReachedBefore } from '../db/hand-ins.ts'
import type { Transaction } from '../db/pool.ts'
import type { Effects } from '../domain/effects.ts'
import type { AgencyCode, DocumentKey } from '../domain/identifiers.ts'
import { refuseOtherBytes } from './earlier-answer.ts'
import { reachOf } from './plan-deliveries.ts'
import type { RoutedDocument } from './submission.ts'

interface WithoutRepeats {
  readonly effects: Effects
  /** The document whose receipt answers this hand-in, for it brings nothing beyond it; null where it brings something. */
  readonly answeredBy: DocumentKey | null
}

/**
 * What is left for this hand-in of a packet to bring, under lock. A packet may be handed in several times, whole or for
 * some recipients: each gets it once, whoever was first, and is asked once by what speaks of an earlier document.
 * @param handIns the earlier ones, as `lockHandIns` found them
 * @throws GatewayError `document-id-conflict` where an earlier hand-in had other bytes
 */
export async function withoutRepeats(
  db: Transaction,
  document: RoutedDocument,
  effects: Effects,
  handIns: readonly EarlierHandIn[],
): Promise<WithoutRepeats> {
  const keys = { ...document, sender: document.sender.code }
  const [first] = handIns
  if (first === undefined) return { effects, answeredBy: null }
  refuseOtherBytes(document, handIns)
  if (first.submissionKey === keys.submissionKey) return { effects, answeredBy: first.document }
  const named = document.to.map(({ agency }) => agency.code)
  const before = await findReachedBefore(db, keys, [...new Set([...effects.recipients, ...named])])
  const left = withoutReached(document, effects, before)
  const isNothing = ![left.recipients, left.withdraw, left.withdrawInPart, left.ask].some(
    ({ length }) => length > 0,
  )
  return { effects: left, answeredBy: isNothing ? ([...before.values()][0] ?? first.document) : null }
}

function withoutReached(
  document: RoutedDocument,
  effects: Effects,
  before: ReadonlyMap<AgencyCode, DocumentKey>,
): Effects {
  const reach = reachOf(document)
  return {
    ...effects,
    recipients: effects.recipients.filter((code) => !before.has(code)),
    ask: effects.ask.filter(({ recipient }) => !before.has(reach(recipient)?.agency.code ?? recipient)),
  }
}
