import type { EventFacts } from '../../audit/record-events.ts'
import { type DeliveryRecord, withdrawDeliveries } from '../../db/deliveries.ts'
import {
  bounceDelivery,
  type InFlightDelivery,
  noteStay,
  redirectDelivery,
  writeRoute,
} from '../../db/in-flight.ts'
import type { Transaction } from '../../db/pool.ts'
import { routeDelivery } from '../../directory/routing/route-delivery.ts'
import type { Registry } from '../../directory/snapshot/holder.ts'
import type { ChannelId } from '../../domain/channel-id.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { addressedOf, joinNames, leadOn } from './addressed.ts'
import { type InFlightDecision, underRevision } from './decide.ts'
import { bounceReason, joinReason, keptDetail, redirectDetail } from './words.ts'

export interface Surroundings {
  readonly registry: Registry
  readonly usable: ReadonlySet<ChannelId>
  readonly now: Date
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  /** Who does it, as it stands on record. */
  readonly actor: string
  /** Locked deliveries of the same documents, by document and recipient; kept up to date with what is done. */
  readonly locked: Map<string, DeliveryRecord>
}

export type Applied = 'redirected' | 'joined' | 'bounced' | 'kept'

export interface Step {
  /** Null where it was done before, and only what it rests on is written anew. */
  readonly applied: Applied | null
  readonly events: readonly EventFacts[]
}

type Decision<O extends InFlightDecision['outcome']> = Extract<InFlightDecision, { outcome: O }>
type Apply<O extends InFlightDecision['outcome']> = (
  db: Transaction,
  around: Surroundings,
  pending: Pending,
  decision: Decision<O>,
) => Promise<Step | null>

/** A delivery that was found, and its row as it is now, locked. */
interface Pending {
  readonly found: InFlightDelivery
  readonly row: DeliveryRecord
}

export const pairKey = (document: string, recipient: AgencyCode): string => `${document} ${recipient}`

const APPLY: { readonly [O in InFlightDecision['outcome']]: Apply<O> } = {
  open: async () => null,
  redirect,
  bounce,
  keep: (db, around, pending, { because, under }) => keep(db, around, pending, because, under),
}

/** Does what was decided; null where nothing was to be done any more. */
export function applyDecision<O extends InFlightDecision['outcome']>(
  db: Transaction,
  around: Surroundings,
  pending: Pending,
  decision: Decision<O> & { readonly outcome: O },
): Promise<Step | null> {
  return APPLY[decision.outcome](db, around, pending, decision)
}

async function redirect(
  db: Transaction,
  around: Surroundings,
  pending: Pending,
  { to, hops }: Decision<'redirect'>,
): Promise<Step | null> {
  const { found, row } = pending
  const twin = around.locked.get(pairKey(row.document, to.code))
  const recipient = around.registry.directory.agency(row.recipient, around.day) ?? {
    code: row.recipient,
    name: row.recipient,
  }
  const addressed = leadOn(addressedOf(row.route), recipient, hops)
  if (twin !== undefined) return join(db, around, pending, { twin, addressed, hops })
  const { route, channel, firstAttemptAt } = routeDelivery(
    around.registry,
    around.usable,
    { ...found, recipient: to, day: around.day },
    around.now,
  )
  const { actingFor } = row.route
  const explanation = { ...route, addressed, ...(actingFor !== undefined && { actingFor }) }
  const { tier } = to
  const redirection = { key: row.key, from: row.recipient, to: to.code, tier, channel, firstAttemptAt }
  if (!(await redirectDelivery(db, { ...redirection, route: explanation }))) return null
  around.locked.delete(pairKey(row.document, row.recipient))
  around.locked.set(pairKey(row.document, to.code), {
    ...row,
    recipient: to.code,
    state: 'waiting',
    route: explanation,
  })
  return {
    applied: 'redirected',
    events: [event(around, row, 'delivery-redirected', to.code, redirectDetail(hops))],
  }
}

/** The successor has a delivery of this document already: it gets the names too, and the document only once. */
async function join(
  db: Transaction,
  around: Surroundings,
  pending: Pending,
  {
    twin,
    addressed,
    hops,
  }: { twin: DeliveryRecord } & Pick<Decision<'redirect'>, 'hops'> & {
      addressed: ReturnType<typeof leadOn>
    },
): Promise<Step | null> {
  const { row } = pending
  if (twin.state === 'withdrawn')
    return keep(db, around, pending, 'withdrawn-from-successor', underRevision(around.registry.directory))
  const reason = joinReason(twin, hops)
  if ((await withdrawDeliveries(db, [row.key], reason)) !== 1) return null
  const route = typeof twin.route === 'object' ? twin.route : {}
  const joined = { ...route, addressed: joinNames(addressedOf(twin.route), addressed) }
  await writeRoute(db, twin.key, joined)
  around.locked.set(pairKey(twin.document, twin.recipient), { ...twin, route: joined })
  around.locked.set(pairKey(row.document, row.recipient), { ...row, state: 'withdrawn' })
  const detail = redirectDetail(hops)
  return {
    applied: 'joined',
    events: [
      event(around, row, 'delivery-withdrawn', row.recipient, { ...detail, reason }),
      event(around, twin, 'delivery-joined', twin.recipient, { ...detail, joined: row.key }),
    ],
  }
}

async function bounce(
  db: Transaction,
  around: Surroundings,
  { row }: Pending,
  decision: Decision<'bounce'>,
): Promise<Step | null> {
  const reason = bounceReason(decision)
  if (!(await bounceDelivery(db, row.key, row.recipient, reason, decision.under))) return null
  const detail = { channel: row.channel, result: reason }
  return { applied: 'bounced', events: [event(around, row, 'delivery-failed', row.recipient, detail)] }
}

async function keep(
  db: Transaction,
  around: Surroundings,
  { row }: Pending,
  because: Decision<'keep'>['because'],
  under: string,
): Promise<Step> {
  if (!(await noteStay(db, row.key, because, under))) return { applied: null, events: [] }
  return {
    applied: 'kept',
    events: [event(around, row, 'delivery-kept', row.recipient, keptDetail(because))],
  }
}

const event = (
  { actor }: Surroundings,
  { key, document }: DeliveryRecord,
  kind: EventFacts['kind'],
  agency: AgencyCode,
  detail: Record<string, unknown>,
): EventFacts => ({ kind, actor, agency, document, delivery: key, detail })
