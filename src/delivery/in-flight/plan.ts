import type { EventFacts } from '../../audit/record-events.ts'
import type { InFlightDelivery, LockedDelivery } from '../../db/in-flight.ts'
import type { Bounce, Redirection } from '../../db/in-flight-moves.ts'
import type { InFlightDecision, KeptBecause } from '../../directory/in-flight/decide.ts'
import { routeDelivery } from '../../directory/routing/route-delivery.ts'
import type { Registry } from '../../directory/snapshot/holder.ts'
import type { UsableChannels } from '../../domain/channel-id.ts'
import type { AgencyOnDay, SuccessorHop } from '../../domain/directory/resolution.ts'
import type { AgencyCode, DeliveryKey } from '../../domain/identifiers.ts'
import type { Addressed } from '../../domain/routing-rule.ts'
import { addressedOf, joinNames, leadOn } from './addressed.ts'
import { bounceReason, joinReason, keptDetail, redirectDetail } from './words.ts'

export interface Surroundings {
  readonly registry: Registry
  readonly usable: UsableChannels
  readonly now: Date
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  /** Who does it, as it stands on record. */
  readonly actor: string
}

export type Applied = 'redirected' | 'joined' | 'bounced' | 'kept'

/** What one batch comes to; nothing of it is written yet. */
export interface BatchPlan {
  readonly redirections: Redirection[]
  readonly bounces: Bounce[]
  readonly joins: { readonly key: DeliveryKey; readonly reason: unknown }[]
  readonly stays: { readonly key: DeliveryKey; readonly under: string }[]
  /** Explanations that get more names, written after the rest. */
  readonly routes: Map<DeliveryKey, unknown>
  readonly events: EventFacts[]
  /** One for each delivery that something is done with; null where only what it rests on is written anew. */
  readonly applied: (Applied | null)[]
}

/** A delivery that was found, its row as it is now, and what is done with it. */
export interface Pending {
  readonly found: InFlightDelivery
  readonly row: LockedDelivery
  readonly decision: InFlightDecision
}

const WAITING = 'waiting' as const

type Decision<O extends InFlightDecision['outcome']> = Extract<InFlightDecision, { outcome: O }>

/** What an event tells: of which delivery, what happened, to which agency, and the rest. */
type Telling = [
  delivery: LockedDelivery,
  kind: EventFacts['kind'],
  agency: AgencyCode,
  detail: Record<string, unknown>,
]

export const pairKey = (document: string, recipient: AgencyCode): string => `${document} ${recipient}`

/**
 * Plans the deliveries of a batch one after the other: each sees what is planned for those before it, so that two that
 * lead to one successor become one.
 * @param locked deliveries of the same documents, by document and recipient; kept up to date with what is planned
 */
export class Planner {
  readonly plan: BatchPlan = {
    redirections: [],
    bounces: [],
    joins: [],
    stays: [],
    routes: new Map(),
    events: [],
    applied: [],
  }
  readonly #around: Surroundings
  readonly #locked: Map<string, LockedDelivery>

  constructor(around: Surroundings, locked: Map<string, LockedDelivery>) {
    this.#around = around
    this.#locked = locked
  }

  add({ found, row, decision }: Pending): void {
    if (decision.outcome === 'redirect') this.#redirect(found, row, decision)
    else if (decision.outcome === 'bounce') this.#bounce(row, decision)
    else if (decision.outcome === 'keep') this.#keep(row, decision.because, decision.under)
  }

  #redirect(found: InFlightDelivery, row: LockedDelivery, { to, hops }: Decision<'redirect'>): void {
    const { directory } = this.#around.registry
    const recipient = directory.agency(row.recipient, this.#around.day)
    const addressed = leadOn(
      addressedOf(row.route),
      recipient ?? { code: row.recipient, name: row.recipient },
      hops,
    )
    const twin = this.#locked.get(pairKey(row.document, to.code))
    // What was taken back from the successor, or never was to reach it, was not taken back from this one.
    if (twin === undefined || twin.state === 'withdrawn') this.#move(found, row, to, addressed, hops)
    else this.#join(row, twin.state === 'failed' ? this.#reopen(found, twin, to) : twin, addressed, hops)
  }

  /** What was given up would not bring this document either: it begins anew, as it does where a failed one moves. */
  #reopen(found: InFlightDelivery, twin: LockedDelivery, to: AgencyOnDay): LockedDelivery {
    const { state, attempts, reason } = twin
    const reopened = { ...twin, ...this.#send(found, twin, to, addressedOf(twin.route)), state: WAITING }
    this.#tell(twin, 'delivery-reopened', to.code, { before: { state, attempts, reason } })
    return reopened
  }

  #move(
    found: InFlightDelivery,
    row: LockedDelivery,
    to: AgencyOnDay,
    addressed: readonly Addressed[],
    hops: readonly SuccessorHop[],
  ): void {
    const { route } = this.#send(found, row, to, addressed)
    this.#locked.delete(pairKey(row.document, row.recipient))
    this.#locked.set(pairKey(row.document, to.code), { ...row, recipient: to.code, state: WAITING, route })
    this.#done('redirected', row, 'delivery-redirected', to.code, redirectDetail(hops))
  }

  /** Routes a delivery anew, to the agency that gets it from now on. */
  #send(
    found: InFlightDelivery,
    row: LockedDelivery,
    to: AgencyOnDay,
    addressed: readonly Addressed[],
  ): Pick<Redirection, 'channel' | 'tier'> & Pick<LockedDelivery, 'route'> {
    const { registry, usable, day, now } = this.#around
    const routed = routeDelivery(registry, usable, { ...found, recipient: to, day }, now)
    const { actingFor } = row.route
    const route = { ...routed.route, addressed, ...(actingFor !== undefined && { actingFor }) }
    const { channel, firstAttemptAt } = routed
    const move = { key: row.key, from: row.recipient, to: to.code, tier: to.tier, channel, firstAttemptAt }
    this.plan.redirections.push({ ...move, route })
    return { channel, tier: to.tier, route }
  }

  /** The successor has a delivery of this document already: it gets the names too, and the document only once. */
  #join(
    row: LockedDelivery,
    twin: LockedDelivery,
    addressed: readonly Addressed[],
    hops: readonly SuccessorHop[],
  ): void {
    const reason = joinReason(twin, hops)
    const route = { ...twin.route, addressed: joinNames(addressedOf(twin.route), addressed) }
    this.plan.joins.push({ key: row.key, reason })
    this.plan.routes.set(twin.key, route)
    this.#locked.set(pairKey(twin.document, twin.recipient), { ...twin, route })
    this.#locked.set(pairKey(row.document, row.recipient), { ...row, state: 'withdrawn' })
    const detail = redirectDetail(hops)
    this.#done('joined', row, 'delivery-withdrawn', row.recipient, { ...detail, reason })
    this.#tell(twin, 'delivery-joined', twin.recipient, { ...detail, joined: row.key })
  }

  #bounce(row: LockedDelivery, decision: Decision<'bounce'>): void {
    const reason = bounceReason(decision)
    const { key, recipient: from, channel } = row
    this.plan.bounces.push({ key, from, reason, under: `bounced ${decision.under}` })
    this.#done('bounced', row, 'delivery-failed', from, { channel, result: reason })
  }

  #keep(row: LockedDelivery, because: KeptBecause, under: string): void {
    this.plan.stays.push({ key: row.key, under: `${because} ${under}` })
    if (row.staysUnder?.split(' ')[0] === because) this.plan.applied.push(null)
    else this.#done('kept', row, 'delivery-kept', row.recipient, keptDetail(because))
  }

  #done(applied: Applied, ...told: Telling): void {
    this.plan.applied.push(applied)
    this.#tell(...told)
  }

  #tell(...[{ key, document }, kind, agency, detail]: Telling): void {
    const { actor } = this.#around
    this.plan.events.push({ kind, actor, agency, document, delivery: key, detail })
  }
}
