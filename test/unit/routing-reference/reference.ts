import type { RoutingTable } from '../../../src/db/routing.ts'
import type { ChannelId, UsableChannels } from '../../../src/domain/channel-id.ts'
import type { NewFact } from '../../../src/domain/directory/fact.ts'
import type { QuietHours, RouteFacts, TableRule } from '../../../src/domain/routing-rule.ts'

interface World {
  readonly facts: readonly NewFact[]
  readonly tables: readonly RoutingTable[]
  readonly usable: UsableChannels
}

const holds = (fact: NewFact, subject: string, day: string): boolean =>
  fact.subject === subject && fact.validFrom <= day && (fact.validTo === null || day < fact.validTo)

/** What is said of a code for a day, by looking through everything that is said. */
const placementOf = (facts: readonly NewFact[], subject: string, day: string) =>
  facts.flatMap((fact) => (fact.kind === 'placement' && holds(fact, subject, day) ? [fact.value] : []))[0]
const endpointSaid = (facts: readonly NewFact[], subject: string, day: string) =>
  facts.flatMap((fact) => (fact.kind === 'endpoint' && holds(fact, subject, day) ? [fact.value] : []))[0]

/** The code and whoever stands above it, the nearest first. */
function upwards(facts: readonly NewFact[], code: string, day: string): string[] {
  const parent = placementOf(facts, code, day)?.parent
  return parent == null ? [code] : [code, ...upwards(facts, parent, day)]
}

function endpointOf(facts: readonly NewFact[], code: string, day: string) {
  const [own, ...above] = upwards(facts, code, day).map((one) => endpointSaid(facts, one, day))
  if (own !== undefined) return { own: true, endpoint: own }
  const shared = above.find((one) => one?.reaches === 'subtree')
  return shared === undefined ? undefined : { own: false, endpoint: shared }
}

function applies(facts: readonly NewFact[], rule: TableRule, about: RouteFacts): boolean {
  const { recipient, sender, documentType, urgency, day } = about
  const answers = [
    rule.recipient === undefined || rule.recipient === recipient.code,
    rule.under === undefined || upwards(facts, recipient.code, day).includes(rule.under),
    rule.tier === undefined || rule.tier === recipient.tier,
    rule.documentType === undefined || rule.documentType === documentType,
    rule.urgencyAtLeast === undefined || urgency >= rule.urgencyAtLeast,
    rule.sender === undefined || rule.sender === sender,
    rule.senderUnder === undefined || upwards(facts, sender, day).includes(rule.senderUnder),
    rule.validFrom === undefined || rule.validFrom <= day,
    rule.validTo === undefined || day < rule.validTo,
  ]
  return answers.every((one) => one)
}

/** The end of quiet hours, minute for minute by Vietnam's clock. */
function until(quiet: QuietHours | undefined, urgency: number, now: Date): string | null {
  if (quiet === undefined || urgency >= quiet.passedFrom) return null
  const clock = (at: Date) => new Date(at.getTime() + 7 * 3_600_000).toISOString().slice(11, 16)
  const overnight = quiet.from > quiet.to
  const isQuiet = (at: Date): boolean => {
    const shown = clock(at)
    return overnight ? shown >= quiet.from || shown < quiet.to : shown >= quiet.from && shown < quiet.to
  }
  if (!isQuiet(now)) return null
  const minute = Math.floor(now.getTime() / 60_000) * 60_000
  for (let at = minute + 60_000; ; at += 60_000) if (!isQuiet(new Date(at))) return new Date(at).toISOString()
}

/** The table that began last by an instant; of two that began together the later revision. */
const inForce = (tables: readonly RoutingTable[], now: Date): RoutingTable =>
  [...tables]
    .filter(({ effectiveFrom }) => effectiveFrom <= now)
    .sort((a, b) => a.effectiveFrom.getTime() - b.effectiveFrom.getTime() || a.revision - b.revision)
    .at(-1)!

/** Which way a document goes, said in as few words as there are. */
export function referenceRoute({ facts, tables, usable }: World, about: RouteFacts, now: Date) {
  const reached = endpointOf(facts, about.recipient.code, about.day)
  const can = (channel: ChannelId, gateway?: string): boolean =>
    channel === 'https-push' ? typeof reached?.endpoint.url === 'string' : usable.has(channel, gateway)
  const { revision: table, rules } = inForce(tables, now)
  for (const rule of rules) {
    if (!applies(facts, rule, about)) continue
    const isSmall = rule.maxBytes === undefined || about.bytes <= rule.maxBytes
    const left = [...(isSmall ? [rule.channel] : []), ...(rule.fallback ?? [])].filter((one) =>
      can(one, rule.gateway),
    )
    const [channel, ...fallback] = left
    if (channel === undefined) continue
    const gateway = left.includes('gateway') ? (rule.gateway ?? null) : null
    return {
      channel,
      fallback,
      rule: rule.id,
      table,
      gateway,
      until: until(rule.quietHours, about.urgency, now),
    }
  }
  const none = { fallback: [], table, gateway: null, until: null }
  const { fallback, gateway } = none
  const rule =
    reached === undefined ? 'default:mailbox' : `default:${reached.own ? 'own' : 'inherited'}-endpoint`
  return { channel: reached?.endpoint.channel ?? 'mailbox', fallback, rule, table, gateway, until: null }
}
