import type { EndpointOf } from '../../domain/directory/record.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { RouteFacts } from '../../domain/routing-rule.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'

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

export function routeSubject(snapshot: DirectorySnapshot, given: RouteFacts): RouteSubject {
  // Packets may hold diacritics apart; what drafts say is composed.
  const documentType = given.documentType?.normalize('NFC')
  const facts = documentType === given.documentType ? given : { ...given, documentType }
  return {
    facts,
    recipientLine: lineOf(snapshot, facts.recipient.code, facts.day),
    senderLine: lineOf(snapshot, facts.sender, facts.day),
    reached: snapshot.endpointFor(facts.recipient.code, facts.day),
  }
}
