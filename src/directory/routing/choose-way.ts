import { CHANNELS, type ChannelId, type ChannelNeed, type UsableChannels } from '../../domain/channel-id.ts'
import type { Objection, TableRule } from '../../domain/routing-rule.ts'
import type { RouteSubject } from './route-subject.ts'

/** The channels of one rule, as far as they can be used for one document. */
export interface Way {
  readonly channel: ChannelId
  /** Those that are left for when it gives up. */
  readonly fallback: readonly ChannelId[]
  readonly fellBackFrom: readonly { readonly channel: ChannelId; readonly because: Objection }[]
}

const OBJECTIONS: Record<
  ChannelNeed,
  (
    channel: ChannelId,
    rule: TableRule,
    subject: RouteSubject,
    usable: UsableChannels,
  ) => Objection | undefined
> = {
  nothing: () => undefined,
  endpoint: (_channel, _rule, { reached }) => (reached?.endpoint.url == null ? 'no-endpoint' : undefined),
  connector: (channel, { gateway }, _subject, usable) =>
    usable.has(channel, gateway) ? undefined : 'no-connector',
}

const objectionTo = (channel: ChannelId, rule: TableRule, subject: RouteSubject, usable: UsableChannels) =>
  OBJECTIONS[CHANNELS[channel].needs](channel, rule, subject, usable)

/**
 * The first channel of a rule that can take the document, and those after it that could; or, where none can, what
 * stands against the rule's own channel. The limit of size is that of the rule's own channel alone.
 */
export function wayOf(
  rule: TableRule,
  subject: RouteSubject,
  usable: UsableChannels,
): Way | { readonly because: Objection } {
  const because = ownObjection(rule, subject, usable)
  const left = (rule.fallback ?? []).filter(
    (channel) => objectionTo(channel, rule, subject, usable) === undefined,
  )
  if (because === undefined) return { channel: rule.channel, fallback: left, fellBackFrom: [] }
  const [channel, ...fallback] = left
  if (channel === undefined) return { because }
  return { channel, fallback, fellBackFrom: passedOver(rule, channel, because, subject, usable) }
}

function ownObjection(rule: TableRule, subject: RouteSubject, usable: UsableChannels): Objection | undefined {
  if (rule.maxBytes !== undefined && subject.facts.bytes > rule.maxBytes) return 'too-large'
  return objectionTo(rule.channel, rule, subject, usable)
}

function passedOver(
  rule: TableRule,
  chosen: ChannelId,
  because: Objection,
  subject: RouteSubject,
  usable: UsableChannels,
): Way['fellBackFrom'] {
  const channels = rule.fallback ?? []
  const before = channels.slice(0, channels.indexOf(chosen)).flatMap((channel) => {
    const objection = objectionTo(channel, rule, subject, usable)
    return objection === undefined ? [] : [{ channel, because: objection }]
  })
  return [{ channel: rule.channel, because }, ...before]
}
