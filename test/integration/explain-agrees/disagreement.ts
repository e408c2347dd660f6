import { explainRoute } from '../../../src/directory/explain/explain-route.ts'
import type { ExplainParts } from '../../../src/directory/explain/question.ts'
import type { Outcome } from './outcome.ts'

/** What differs between what happened and what explanations say; undefined where nothing does. */
export function disagreement(parts: ExplainParts, outcome: Outcome): string | undefined {
  const { spelling, at, deliveries, refusal } = outcome
  const answer = explainRoute(parts, { ...outcome, recipient: spelling, limit: Number.POSITIVE_INFINITY })
  const { sender, recipient } = answer
  if (sender.outcome !== 'open') {
    const expected = sender.outcome === 'closed' ? 'sender-closed' : 'sender-mismatch'
    return refusal === expected ? undefined : `sender: ${refusal} instead of ${expected}`
  }
  if (recipient.outcome === 'unresolvable')
    return refusal === recipient.reason ? undefined : `${refusal} instead of ${recipient.reason}`
  if (refusal !== null) return `refused: ${refusal}`
  const ways = recipient.outcome === 'agency' ? [recipient.way] : recipient.ways
  if (ways.length !== deliveries.length) return `${deliveries.length} deliveries instead of ${ways.length}`
  for (const way of ways) {
    const row = deliveries.find((one) => one.recipient === way.recipient.code)
    if (row === undefined) return `nothing went to ${way.recipient.code}`
    const { route } = row
    const said = JSON.stringify([
      way.channel,
      way.rule,
      answer.directoryRevision,
      answer.table.revision,
      way.gateway?.code,
      way.fallback,
      way.quietHours,
      way.fellBackFrom.map(({ channel, because }) => [channel, because]),
      way.addressed,
    ])
    const done = JSON.stringify([
      row.channel,
      route.rule,
      route.directoryRevision,
      route.revision,
      route.gateway,
      route.fallback ?? [],
      route.quietHours ?? null,
      (route.fellBackFrom ?? []).map(({ channel, because }) => [channel, because]),
      route.addressed.filter((one) => one.spelling === spelling),
    ])
    if (canonical(said) !== canonical(done)) return `${done} instead of ${said}`
    if (way.waits && row.nextAttemptAt?.getTime() !== way.sentAt.getTime())
      return `sent at ${row.nextAttemptAt?.toISOString()} instead of ${way.sentAt.toISOString()}`
    const tried = new Map(way.tried.map((one) => [one.rule, one.because]))
    if (recipient.outcome === 'agency' && tried.size !== route.tried.length + route.alsoPassed)
      return `${route.tried.length} + ${route.alsoPassed} rules passed over instead of ${tried.size}`
    const other = route.tried.find((one) => tried.get(one.rule) !== one.because)
    if (other !== undefined) return `rule ${other.rule} was passed over for ${other.because}`
  }
  return ways.every(({ sentAt }) => sentAt >= at) ? undefined : 'sent before it is accepted'
}

/** PostgreSQL keeps the members of objects in an order of its own. */
const canonical = (json: string): string =>
  JSON.stringify(JSON.parse(json), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
