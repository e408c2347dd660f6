import {
  type GroupMember,
  type ResolvedAgency,
  type ResolvedGroup,
  UNRESOLVABLE,
  type Unresolvable,
} from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { meantBy } from '../acts/named-agencies.ts'
import { resolveRecipient } from '../snapshot/resolve-recipient.ts'
import type { RecipientAnswer } from './answer.ts'
import { type Destination, explainWay, nameOf } from './explain-way.ts'
import type { ExplainParts, RouteQuestion } from './question.ts'

/** Members of a group on one page where nothing is said. */
const PAGE = 50

interface Facts {
  readonly sender: AgencyCode
  readonly day: string
}

/** What the recipient's name means on the day in question, and which way each agency that is meant gets the document. */
export function explainRecipient(
  parts: ExplainParts,
  question: RouteQuestion,
  facts: Facts,
): RecipientAnswer {
  const { recipient, documentType, underWay = false } = question
  const found = resolveRecipient(parts.directory, recipient, {
    day: facts.day,
    evenIfBounced: underWay,
    ...(documentType !== undefined && { documentType }),
  })
  switch (found.outcome) {
    case 'agency':
      return explainAgency(parts, question, facts, found)
    case 'group':
      return explainGroup(parts, question, facts, found)
    case 'unresolvable':
      return explainNowhere(parts, question.recipient, facts.day, found)
  }
}

function explainAgency(
  parts: ExplainParts,
  question: RouteQuestion,
  facts: Facts,
  { agency, hops, alias }: ResolvedAgency,
): RecipientAnswer {
  const { code, name } = hops[0]?.from ?? agency
  const destination = { agency, addressed: [{ spelling: question.recipient, code, name, hops }] }
  return { outcome: 'agency', alias, way: explainWay(parts, question, facts, destination, 'every-rule') }
}

/** The sender does not write to itself: it is no recipient of a group to which it belongs. */
function explainGroup(
  parts: ExplainParts,
  question: RouteQuestion,
  facts: Facts,
  { group, alias, members, missing }: ResolvedGroup,
): RecipientAnswer {
  const { after, limit = PAGE, recipient } = question
  const others = members.filter(({ agency }) => agency.code !== facts.sender)
  if (others.length === 0)
    return { ...NOBODY, alias, reason: 'group-empty', text: UNRESOLVABLE['group-empty'] }
  const start = after === undefined ? 0 : others.findIndex(({ agency }) => agency.code === after) + 1
  const page = others.slice(start, start + limit)
  const destinationOf = ({ agency, listed }: GroupMember): Destination => ({
    agency,
    addressed: listed.map((one) => ({ spelling: recipient, ...one, group })),
  })
  return {
    outcome: 'group',
    alias,
    group,
    count: others.length,
    senderLeftOut: others.length < members.length,
    missing: missing.map((one) => ({ ...one, text: UNRESOLVABLE[one.reason] })),
    ways: page.map((member) => explainWay(parts, question, facts, destinationOf(member), 'as-kept')),
    nextAfter: others.length > start + limit ? (page.at(-1)?.agency.code ?? null) : null,
  }
}

const NOBODY = {
  outcome: 'unresolvable',
  hops: [],
  last: null,
  closedOn: null,
  successor: null,
  meant: null,
} as const

function explainNowhere(
  { directory }: ExplainParts,
  spelling: string,
  day: string,
  { alias, reason, hops, last, closedOn, successor }: Unresolvable,
): RecipientAnswer {
  const meant = reason === 'unknown-code' ? meantBy(directory, spelling, day) : undefined
  return {
    outcome: 'unresolvable',
    alias,
    reason,
    text: UNRESOLVABLE[reason],
    hops,
    last: last ?? null,
    closedOn,
    successor: successor && nameOf(directory, successor, day),
    meant: meant === undefined ? null : nameOf(directory, meant, day),
  }
}
