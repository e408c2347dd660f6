import type { DecidedDelivery } from '../../db/decided-deliveries.ts'
import type { UnresolvableReason } from '../../domain/directory/resolution.ts'
import type { RouteAnswer, WayAnswer } from './answer.ts'
import { explainRoute } from './explain-route.ts'
import type { ExplainParts } from './question.ts'

/** What one name of a packet leads to, beside what was decided for it. */
export interface NameCompared {
  readonly spelling: string
  /** The way to the agency that the delivery goes to; of another agency where only that is meant; null where nobody is. */
  readonly way: WayAnswer | null
  /** Why the name leads nowhere. */
  readonly reason: UnresolvableReason | null
}

export interface Comparison {
  readonly answers: readonly RouteAnswer[]
  readonly names: readonly NameCompared[]
  /** Recipient, channel and rule are those of the delivery, for every name. */
  readonly same: boolean
}

/** A whole group is looked through for one member. */
const ALL_MEMBERS = Number.POSITIVE_INFINITY

/** Decides once more about a delivery, at a time and from parts that may be others than those of its own decision. */
export function compareDecision(parts: ExplainParts, delivery: DecidedDelivery, at: Date): Comparison {
  const { sender, documentType, urgency, bytes } = delivery
  const answers = spellingsOf(delivery).map((recipient) =>
    explainRoute(parts, {
      sender,
      recipient,
      urgency,
      bytes,
      at,
      limit: ALL_MEMBERS,
      ...(documentType !== null && { documentType }),
    }),
  )
  const names = answers.map((answer) => compareName(answer, delivery))
  return { answers, names, same: names.every(({ way }) => way !== null && isSame(way, delivery)) }
}

/** As the packet names them; deliveries of earlier releases keep only whom they go to. */
export function spellingsOf({ route, recipient }: DecidedDelivery): readonly string[] {
  const spellings = (route.addressed ?? []).map(({ spelling }) => spelling)
  return spellings.length === 0 ? [recipient] : [...new Set(spellings)]
}

function compareName({ asked, recipient }: RouteAnswer, delivery: DecidedDelivery): NameCompared {
  const spelling = asked.recipient
  switch (recipient.outcome) {
    case 'agency':
      return { spelling, way: recipient.way, reason: null }
    case 'group':
      return {
        spelling,
        way: recipient.ways.find(({ recipient }) => recipient.code === delivery.recipient) ?? null,
        reason: null,
      }
    case 'unresolvable':
      return { spelling, way: null, reason: recipient.reason }
  }
}

const isSame = (way: WayAnswer, { recipient, channel, route }: DecidedDelivery): boolean =>
  way.recipient.code === recipient && way.channel === channel && way.rule === route.rule
