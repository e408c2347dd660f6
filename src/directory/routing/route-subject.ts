import type { EndpointValue } from '../../domain/directory/fact.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { RouteFacts } from '../../domain/routing-rule.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'

/** An endpoint, and whose it is. */
export interface EndpointOf {
  readonly agency: AgencyCode
  readonly endpoint: EndpointValue
}

/** What rules look at: the facts of a decision, with what the directory adds to them. */
export interface RouteSubject {
  readonly facts: RouteFacts
  /** The recipient and everybody above it, the nearest first. */
  readonly recipientLine: readonly AgencyCode[]
  /** The sender and everybody above it. */
  readonly senderLine: readonly AgencyCode[]
  /** How the recipient's system is reached; undefined where nobody has said so. */
  readonly reached: EndpointOf | undefined
}

export const lineOf = (snapshot: DirectorySnapshot, code: AgencyCode, day: string): readonly AgencyCode[] => [
  code,
  ...snapshot.ancestors(code, day),
]

/** The recipient's own endpoint on a day, else that of the nearest above it which also reaches those beneath. */
export function endpointAlong(
  snapshot: DirectorySnapshot,
  line: readonly AgencyCode[],
  day: string,
): EndpointOf | undefined {
  for (const [steps, agency] of line.entries()) {
    const fact = snapshot.fact(agency, 'endpoint', day)
    if (fact !== undefined && (steps === 0 || fact.value.reaches === 'subtree'))
      return { agency, endpoint: fact.value }
  }
  return undefined
}

export function routeSubject(snapshot: DirectorySnapshot, facts: RouteFacts): RouteSubject {
  const recipientLine = lineOf(snapshot, facts.recipient.code, facts.day)
  return {
    facts,
    recipientLine,
    senderLine: lineOf(snapshot, facts.sender, facts.day),
    reached: endpointAlong(snapshot, recipientLine, facts.day),
  }
}
