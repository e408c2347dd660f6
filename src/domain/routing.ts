import type { Agency, Endpoint } from './agency.ts'
import { CHANNELS, type ChannelId } from './channel-id.ts'
import type { AgencyCode } from './identifiers.ts'
import type { TierCode } from './tier.ts'
import type { Urgency } from './urgency.ts'

/** One row of the routing table. Every condition given must hold; the first rule that matches decides. */
export interface RoutingRule {
  /** Unique in its table; named in explanations. */
  readonly id: string
  readonly recipient?: AgencyCode
  readonly sender?: AgencyCode
  readonly tier?: TierCode
  /** This urgency or a higher one. */
  readonly urgencyAtLeast?: Urgency
  readonly documentType?: string
  readonly channel: ChannelId
  readonly comment?: string
}

/** What a routing decision depends on. */
export interface RoutingFacts {
  readonly sender: AgencyCode
  readonly recipient: Agency
  readonly endpoint: Endpoint | undefined
  readonly urgency: Urgency
  readonly documentType: string | undefined
}

/** Which way, and why: kept with the delivery. */
export interface Route {
  readonly channel: ChannelId
  readonly explanation: {
    readonly revision: number
    /** The rule that decided, or `default`: the recipient's own endpoint, else its mailbox. */
    readonly rule: string
    /** Rules that were tried before, with the condition that did not hold. */
    readonly tried: readonly { readonly rule: string; readonly because: string }[]
  }
}

type Condition = keyof Omit<RoutingRule, 'id' | 'channel' | 'comment'>

const HOLDS: Record<Condition, (rule: RoutingRule, facts: RoutingFacts) => boolean> = {
  recipient: (rule, facts) => rule.recipient === facts.recipient.code,
  sender: (rule, facts) => rule.sender === facts.sender,
  tier: (rule, facts) => rule.tier === facts.recipient.tier,
  urgencyAtLeast: (rule, facts) => facts.urgency >= rule.urgencyAtLeast!,
  documentType: (rule, facts) => rule.documentType === facts.documentType,
}
const CONDITIONS = Object.keys(HOLDS) as Condition[]

/** Why a rule does not decide here; undefined where it does. */
function objection(rule: RoutingRule, facts: RoutingFacts): string | undefined {
  const failing = CONDITIONS.find(
    (condition) => rule[condition] !== undefined && !HOLDS[condition](rule, facts),
  )
  if (failing !== undefined) return failing
  return CHANNELS[rule.channel].needs === 'endpoint' && facts.endpoint?.url == null
    ? 'no-endpoint'
    : undefined
}

/** The way to one recipient: the first rule that matches, else the recipient's endpoint, else its mailbox. */
export function chooseRoute(revision: number, rules: readonly RoutingRule[], facts: RoutingFacts): Route {
  const tried: { rule: string; because: string }[] = []
  for (const rule of rules) {
    const because = objection(rule, facts)
    if (because === undefined)
      return { channel: rule.channel, explanation: { revision, rule: rule.id, tried } }
    tried.push({ rule: rule.id, because })
  }
  return { channel: facts.endpoint?.channel ?? 'mailbox', explanation: { revision, rule: 'default', tried } }
}
