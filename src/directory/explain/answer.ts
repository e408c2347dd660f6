import type { Bilingual } from '../../domain/bilingual.ts'
import type { ChannelId } from '../../domain/channel-id.ts'
import type { EndpointValue } from '../../domain/directory/fact.ts'
import type { AgencyOnDay, SuccessorHop, UnresolvableReason } from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Addressed, Objection, QuietHours } from '../../domain/routing-rule.ts'
import type { Urgency } from '../../domain/urgency.ts'
import type { SenderAnswer } from './explain-sender.ts'
import type { TableReason } from './words.ts'

export interface NamedAgency {
  readonly code: AgencyCode
  readonly name: string
}

/** A rule that did not decide, or a channel that was not taken, with why. */
export interface PassedOver {
  readonly because: Objection
  readonly text: Bilingual
}

/** Which routing table decides at the time in question. */
export interface TableAnswer {
  readonly revision: number
  readonly because: TableReason
  readonly text: Bilingual
  readonly effectiveFrom: Date
  readonly author: string
  readonly approvedBy: string | null
  readonly rules: number
  /** What is approved to take its place first, and when. */
  readonly next: { readonly revision: number; readonly effectiveFrom: Date } | null
}

/** Which way a document goes to one agency. */
export interface WayAnswer {
  readonly recipient: AgencyOnDay
  /** How the name that was asked for leads to it; both names where somebody took over. */
  readonly addressed: readonly Addressed[]
  readonly channel: ChannelId
  readonly gateway: NamedAgency | null
  /** Channels that are left for when this one gives up. */
  readonly fallback: readonly ChannelId[]
  /** The id of the rule that decided, or which default. */
  readonly rule: string
  readonly ruleText: Bilingual
  readonly comment: string | null
  /** A larger packet would not go by this rule's channel. */
  readonly maxBytes: number | null
  readonly quietHours: QuietHours | null
  /** When it is sent for the first time. */
  readonly sentAt: Date
  /** Whether it waits for the end of quiet hours. */
  readonly waits: boolean
  /** The endpoint that holds for the recipient on that day, and whose it is. */
  readonly endpoint: (EndpointValue & { readonly of: NamedAgency }) | null
  /** Channels of the deciding rule that were passed over before the one chosen. */
  readonly fellBackFrom: readonly (PassedOver & { readonly channel: ChannelId })[]
  /** Rules before the one that decided: every one where one agency was asked for, else the nearest of them. */
  readonly tried: readonly (PassedOver & { readonly rule: string })[]
  /** How many more came before it. */
  readonly alsoPassed: number
}

export type RecipientAnswer =
  | { readonly outcome: 'agency'; readonly alias: string | null; readonly way: WayAnswer }
  | {
      readonly outcome: 'group'
      readonly alias: string | null
      readonly group: NamedAgency
      /** Agencies that would get it; the sender is left out. */
      readonly count: number
      readonly senderLeftOut: boolean
      readonly missing: readonly {
        readonly code: AgencyCode
        readonly reason: UnresolvableReason
        readonly text: Bilingual
      }[]
      /** One page of them. */
      readonly ways: readonly WayAnswer[]
      /** The last one of this page where there are more. */
      readonly nextAfter: AgencyCode | null
    }
  | {
      readonly outcome: 'unresolvable'
      readonly alias: string | null
      readonly reason: UnresolvableReason
      readonly text: Bilingual
      readonly hops: readonly SuccessorHop[]
      readonly last: AgencyOnDay | null
      readonly closedOn: string | null
      readonly successor: NamedAgency | null
      /** Whom an unknown code would mean by the usual rewriting of old codes: a suggestion, and nothing goes by it. */
      readonly meant: NamedAgency | null
    }

/** Where a document would go, and why. */
export interface RouteAnswer {
  readonly asked: {
    readonly sender: string
    readonly recipient: string
    readonly documentType: string | null
    readonly urgency: Urgency
    readonly bytes: number
    readonly at: Date
    /** `yyyy-MM-dd`, Vietnam. */
    readonly day: string
  }
  readonly directoryRevision: number
  readonly table: TableAnswer
  readonly sender: SenderAnswer
  readonly recipient: RecipientAnswer
}
