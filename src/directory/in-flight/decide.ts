import type { AgencyOnDay, SuccessorHop } from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { resolveAddress } from '../snapshot/resolve-address.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'

/** What is done with a delivery that was not handed over before its recipient closed. */
export type InFlightDecision =
  /** Its recipient is open, or has not begun: nothing is to be decided. */
  | { readonly outcome: 'open' }
  | { readonly outcome: 'redirect'; readonly to: AgencyOnDay; readonly hops: readonly SuccessorHop[] }
  | {
      readonly outcome: 'bounce'
      readonly recipient: AgencyOnDay
      /** Who would be right; null where nobody is. */
      readonly successor: AgencyOnDay | null
      readonly closedOn: string
      readonly basis: string | null
      readonly under: string
    }
  | { readonly outcome: 'keep'; readonly because: KeptBecause; readonly under: string }

export type KeptBecause =
  /** The succession says so. */
  | 'policy'
  /** Nobody takes over. */
  | 'no-successor'
  /** Somebody takes over, but nobody who is open takes this document. */
  | 'successor-unresolvable'
  /** Another exchange may have it, and bring it to whom it thinks right: a second way would bring it twice. */
  | 'may-have-left'

interface InFlight {
  readonly recipient: AgencyCode
  readonly documentType: string | undefined
}

/**
 * By the policy of the recipient's own succession; its successors are then followed to an open agency, however many
 * steps that takes.
 * @param day `yyyy-MM-dd`, Vietnam
 */
export function decideInFlight(
  snapshot: DirectorySnapshot,
  { recipient, documentType }: InFlight,
  day: string,
): InFlightDecision {
  if (!isClosed(snapshot, recipient, day)) return { outcome: 'open' }
  const succession = snapshot.fact(recipient, 'succession', day)
  const under = staysUnder(snapshot, recipient, day)
  if (succession === undefined) return { outcome: 'keep', because: 'no-successor', under }
  const { whenInFlight, heirs, main, basis } = succession.value
  if (heirs.length === 0 && main === null && whenInFlight !== 'bounce')
    return { outcome: 'keep', because: 'no-successor', under }
  if (whenInFlight === 'keep') return { outcome: 'keep', because: 'policy', under }
  const meant = resolveAddress(snapshot, recipient, {
    day,
    evenIfBounced: true,
    ...(documentType !== undefined && { documentType }),
  })
  const to = meant.outcome === 'agency' ? meant.agency : null
  if (whenInFlight === 'bounce') {
    const closed = snapshot.agency(recipient, day)
    if (closed !== undefined)
      return {
        outcome: 'bounce',
        recipient: closed,
        successor: to,
        closedOn: succession.validFrom,
        basis,
        under,
      }
  }
  return to === null
    ? { outcome: 'keep', because: 'successor-unresolvable', under: underDay(snapshot, day) }
    : { outcome: 'redirect', to, hops: meant.hops }
}

/** Every agency that has closed by a day, with what a decision to leave its deliveries where they are rests on. */
export function closedAgencies(
  snapshot: DirectorySnapshot,
  day: string,
): { readonly code: AgencyCode; readonly under: string }[] {
  return [...snapshot.codes()]
    .filter((code) => isClosed(snapshot, code, day))
    .map((code) => ({ code, under: staysUnder(snapshot, code, day) }))
}

/** What a decision rests on that another revision of the directory may change, and the next day: somebody may open. */
export const underDay = ({ revision }: DirectorySnapshot, day: string): string =>
  `revision:${revision}@${day}`

const isClosed = (snapshot: DirectorySnapshot, code: AgencyCode, day: string): boolean =>
  !snapshot.isOpen(code, day) &&
  snapshot.factsOfKind(code, 'existence').some(({ validTo }) => validTo !== null && validTo <= day)

function staysUnder(snapshot: DirectorySnapshot, code: AgencyCode, day: string): string {
  const succession = snapshot.fact(code, 'succession', day)
  return succession === undefined ? 'no-succession' : `fact:${succession.id}`
}
