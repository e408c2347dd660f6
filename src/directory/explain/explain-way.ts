import type { AgencyOnDay } from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { endOfQuiet } from '../../domain/quiet-hours.ts'
import type { Addressed, Objection, RouteFacts, TableRule } from '../../domain/routing-rule.ts'
import { chooseRoute } from '../routing/choose-route.ts'
import { compiledOf } from '../routing/compile-table.ts'
import { explainRoute as explainRules } from '../routing/explain-rules.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import type { NamedAgency, WayAnswer } from './answer.ts'
import type { ExplainParts, RouteQuestion } from './question.ts'
import { OBJECTIONS, ruleText } from './words.ts'

/** An agency that would get the document, and the names that lead to it. */
export interface Destination {
  readonly agency: AgencyOnDay
  readonly addressed: readonly Addressed[]
}

/** Every rule before the one that decided, or only those of which the decision itself keeps a note. */
export type Thoroughness = 'every-rule' | 'as-kept'

/** Which way a document goes to one agency. */
export function explainWay(
  { directory, table, usable }: ExplainParts,
  { documentType, urgency, bytes, at }: RouteQuestion,
  facts: { readonly sender: AgencyCode; readonly day: string },
  { agency, addressed }: Destination,
  thoroughness: Thoroughness,
): WayAnswer {
  const routeFacts: RouteFacts = { ...facts, recipient: agency, documentType, urgency, bytes }
  const route =
    thoroughness === 'every-rule'
      ? explainRules(compiledOf(table), directory, usable, routeFacts).route
      : chooseRoute(compiledOf(table), directory, usable, routeFacts)
  const { rule, tried, alsoPassed, fellBackFrom = [] } = route.explanation
  const decided = table.rules.find(({ id }) => id === rule)
  const quietUntil = endOfQuiet(route.quietHours, urgency, at)
  return {
    recipient: agency,
    addressed,
    channel: route.channel,
    gateway: route.gateway && nameOf(directory, route.gateway, facts.day),
    fallback: route.fallback,
    rule,
    ruleText: ruleText(rule),
    ...limitsOf(decided),
    quietHours: route.quietHours,
    sentAt: quietUntil ?? at,
    waits: quietUntil !== null,
    endpoint: endpointOf(directory, agency.code, facts.day),
    fellBackFrom: fellBackFrom.map(passedOver),
    tried: tried.map(passedOver),
    alsoPassed,
  }
}

const limitsOf = (decided: TableRule | undefined) => ({
  comment: decided?.comment ?? null,
  maxBytes: decided?.maxBytes ?? null,
})

const passedOver = <T extends { readonly because: Objection }>(one: T) => ({
  ...one,
  text: OBJECTIONS[one.because],
})

function endpointOf(directory: DirectorySnapshot, code: AgencyCode, day: string): WayAnswer['endpoint'] {
  const found = directory.endpointFor(code, day)
  return found === undefined ? null : { ...found.endpoint, of: nameOf(directory, found.of, day) }
}

/** An agency with its name on a day; a code that nothing is said of stands for itself. */
export const nameOf = (directory: DirectorySnapshot, code: AgencyCode, day: string): NamedAgency => ({
  code,
  name: directory.agency(code, day)?.name ?? code,
})
