import type { BusinessOperation } from './business-operation.ts'
import { canMove, type DeliveryState } from './delivery-state.ts'
import type { AgencyCode, DeliveryKey, DocumentKey } from './identifiers.ts'
import type { Addressed, DeliveryExplanation } from './routing-rule.ts'

/** An earlier delivery that a recall, an update or a replacement speaks of, as it stands under lock. */
export interface AffectedDelivery {
  readonly key: DeliveryKey
  readonly document: DocumentKey
  readonly recipient: AgencyCode
  readonly state: DeliveryState
  /** It goes by another exchange, which may hold it already although nothing says so. */
  readonly mayHaveLeft: boolean
  /** Until when a worker may be sending it; null where none is. */
  readonly leaseUntil: Date | null
  readonly route: Partial<DeliveryExplanation>
  readonly names: SpokenNames
}

/** Several names of a packet may lead to one recipient, and a later packet may speak of some of them only. */
export interface SpokenNames {
  /** Those that the packet speaks of and from which the document was not taken back before. */
  readonly spoken: readonly Addressed[]
  /** Those by which the recipient is to get it all the same. */
  readonly left: readonly Addressed[]
}

/** What a packet does to earlier deliveries, and to whom it travels itself. */
export interface Effects {
  /** Not handed over yet: withdrawn for certain. */
  readonly withdraw: readonly AffectedDelivery[]
  /** Not handed over either, and under way for names of which the packet does not speak: taken back from the others. */
  readonly withdrawInPart: readonly AffectedDelivery[]
  /**
   * Not handed over as far as is known, but another exchange may have it: no attempt is made any more, and the recipient
   * is told as if it held it.
   */
  readonly stop: readonly AffectedDelivery[]
  /** Already at the recipient, or perhaps: it is asked, and answers 15 or 16. */
  readonly ask: readonly AffectedDelivery[]
  readonly recipients: readonly AgencyCode[]
  /** Agencies that hold what the packet speaks of and are not told: it is not addressed to them, or they have closed. */
  readonly untold: readonly AgencyCode[]
}

/** What a packet says of its own way. */
export interface Addressing {
  /** The agencies that its To leads to. */
  readonly to: readonly AgencyCode[]
  /** Agencies that an update takes off the list; they may stand in To as well. */
  readonly removed: readonly AgencyCode[]
  /** Who is told what an agency would be told: itself, or who took over from it; null where nobody can be. */
  readonly reach: (agency: AgencyCode) => AgencyCode | null
}

const union = (...lists: (readonly AgencyCode[])[]): AgencyCode[] => [...new Set(lists.flat())]

/** To whom a packet travels, given the recipients that already hold what it speaks of. */
const TRAVELS_TO: Record<
  BusinessOperation,
  (way: Addressing, holders: readonly AgencyCode[]) => readonly AgencyCode[]
> = {
  new: ({ to }) => to,
  // A recipient that never got the document must not get its recall, which carries the document again.
  recall: (_way, holders) => holders,
  // A recipient that is taken off the list still has to be told, if it holds the document.
  update: ({ to, removed }, holders) => {
    const off = new Set(removed)
    return union(
      to.filter((agency) => !off.has(agency)),
      holders,
    )
  },
  replace: ({ to }) => to,
}

/** The effects of a packet on the deliveries that it speaks of. */
export function planEffects(
  operation: BusinessOperation,
  way: Addressing,
  affected: readonly AffectedDelivery[],
): Effects {
  const open = affected.filter((delivery) => canMove(delivery.state, 'withdrawn'))
  const held = affected.filter(
    ({ state, mayHaveLeft }) =>
      state === 'handed-over' || state === 'acknowledged' || (mayHaveLeft && canMove(state, 'withdrawn')),
  )
  const holders = union(held.map((delivery) => delivery.recipient))
  const reached = new Map(holders.map((holder) => [holder, way.reach(holder)]))
  const recipients = TRAVELS_TO[operation](way, union([...reached.values()].filter((one) => one !== null)))
  const told = new Set<AgencyCode | null | undefined>(recipients)
  // Whom the packet does not reach, it cannot ask: a replacement may be addressed to fewer than hold what it replaces.
  const ask = held.filter((delivery) => told.has(reached.get(delivery.recipient)))
  const untold = holders.filter((agency) => !told.has(reached.get(agency)))
  // Who gets the update by any name gets it in the place of what it updates.
  const isWhole = ({ names, recipient }: AffectedDelivery) =>
    names.left.length === 0 || (operation === 'update' && told.has(way.reach(recipient)))
  const whole = open.filter(isWhole)
  const withdraw = whole.filter(({ mayHaveLeft }) => !mayHaveLeft)
  const stop = whole.filter(({ mayHaveLeft }) => mayHaveLeft)
  const withdrawInPart = open.filter((one) => !isWhole(one) && one.names.spoken.length > 0)
  return { withdraw, withdrawInPart, stop, ask, recipients, untold }
}
