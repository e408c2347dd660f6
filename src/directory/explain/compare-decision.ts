import type { DecidedDelivery } from '../../db/decided-deliveries.ts'
import type { UnresolvableReason } from '../../domain/directory/resolution.ts'
import type { RouteAnswer, WayAnswer } from './answer.ts'
import { explainRoute } from './explain-route.ts'
import type { ExplainParts } from './question.ts'
import { isSameRule } from './words.ts'

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

/**
 * Decides once more about a delivery, at a time and from parts that may be others than those of its own decision.
 * @param how as a document that is sent anew, or as one that is moved while it is under way
 */
export function compareDecision(
  parts: ExplainParts,
  delivery: DecidedDelivery,
  at: Date,
  how: 'anew' | 'under-way' = 'anew',
): Comparison {
  const { sender, documentType, urgency, bytes } = delivery
  const underWay = how === 'under-way'
  const names = underWay ? codesOf(delivery) : spellingsOf(delivery)
  const answers = names.map((recipient) =>
    explainRoute(parts, {
      sender,
      recipient,
      urgency,
      bytes,
      at,
      underWay,
      limit: ALL_MEMBERS,
      ...(documentType !== null && { documentType }),
    }),
  )
  const compared = answers.map((answer) => compareName(answer, delivery))
  return {
    answers,
    names: compared,
    same: compared.every(({ way }) => way !== null && isSame(way, delivery)),
  }
}

/** As the packet names them; deliveries of earlier releases keep only whom they go to. */
export function spellingsOf({ route, recipient }: DecidedDelivery): readonly string[] {
  const spellings = (route.addressed ?? []).map(({ spelling }) => spelling)
  return spellings.length === 0 ? [recipient] : [...new Set(spellings)]
}

/** Whom those names meant when it was accepted: a group may have lost since whoever was a member of it then. */
const codesOf = ({ route, recipient }: DecidedDelivery): readonly string[] =>
  route.addressed === undefined ? [recipient] : [...new Set(route.addressed.map(({ code }) => code))]

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
  way.recipient.code === recipient && way.channel === channel && isSameRule(route, way.rule)
