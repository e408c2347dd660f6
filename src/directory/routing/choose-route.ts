import type { ChannelId, UsableChannels } from '../../domain/channel-id.ts'
import type {
  ChosenRoute,
  DefaultRule,
  Objection,
  RouteExplanation,
  RouteFacts,
  TableRule,
} from '../../domain/routing-rule.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { type Way, wayOf } from './choose-way.ts'
import { type CompiledTable, candidates } from './compile-table.ts'
import { failingCondition } from './conditions.ts'
import { type RouteSubject, routeSubject } from './route-subject.ts'

/** Rules passed over that an explanation names; it says of how many more it does not tell. */
const MOST_TRIED = 100

type Tried = { readonly rule: string; readonly because: Objection }

/** Either the way of a rule, or why the rule does not decide. */
export function tryRule(
  rule: TableRule,
  subject: RouteSubject,
  usable: UsableChannels,
): Way | { readonly because: Objection } {
  const because = failingCondition(rule, subject)
  return because === undefined ? wayOf(rule, subject, usable) : { because }
}

/**
 * Which way a document goes to a recipient: by the first rule that applies and has a channel which can take it, else by
 * the endpoint of the recipient or of the nearest above it that speaks for it, else to the recipient's mailbox.
 * @param usable channels with a connector; the others need none
 */
export function chooseRoute(
  table: CompiledTable,
  snapshot: DirectorySnapshot,
  usable: UsableChannels,
  facts: RouteFacts,
): ChosenRoute {
  const subject = routeSubject(snapshot, facts)
  const tried: Tried[] = []
  const explain = (rule: string, passed: number): RouteExplanation => ({
    directoryRevision: snapshot.revision,
    revision: table.revision,
    rule,
    tried,
    alsoPassed: passed - tried.length,
  })
  for (const place of candidates(table, subject)) {
    const rule = table.rules[place]!
    const way = tryRule(rule, subject, usable)
    if ('channel' in way) return routeByRule(rule, way, subject, explain(rule.id, place))
    if (tried.length < MOST_TRIED) tried.push({ rule: rule.id, because: way.because })
  }
  return routeByDefault(subject, (rule) => explain(rule, table.rules.length))
}

/** The route that a rule decides. */
const routeByRule = (
  rule: TableRule,
  { channel, fallback, fellBackFrom }: Way,
  subject: RouteSubject,
  explanation: RouteExplanation,
): ChosenRoute => ({
  channel,
  gateway: channel === 'gateway' || fallback.includes('gateway') ? (rule.gateway ?? null) : null,
  fallback,
  quietHours: rule.quietHours ?? null,
  explanation: {
    ...explanation,
    ...whoseEndpoint([channel, ...fallback], subject),
    ...(fellBackFrom.length > 0 && { fellBackFrom }),
  },
})

/** The route where no rule decides: it follows the hierarchy. */
function routeByDefault(
  subject: RouteSubject,
  explain: (rule: DefaultRule) => RouteExplanation,
): ChosenRoute {
  const { reached, facts } = subject
  const route = (channel: ChannelId, rule: DefaultRule): ChosenRoute => ({
    channel,
    gateway: null,
    fallback: [],
    quietHours: null,
    explanation: { ...explain(rule), ...whoseEndpoint([channel], subject) },
  })
  if (reached === undefined) return route('mailbox', 'default:mailbox')
  const isOwn = reached.of === facts.recipient.code
  return route(reached.endpoint.channel, isOwn ? 'default:own-endpoint' : 'default:inherited-endpoint')
}

function whoseEndpoint(
  channels: readonly ChannelId[],
  { reached, facts }: RouteSubject,
): Pick<RouteExplanation, 'endpointOf'> {
  const isUsed = reached !== undefined && channels.includes('https-push')
  return isUsed && reached.of !== facts.recipient.code ? { endpointOf: reached.of } : {}
}
