import type { RecentDelivery } from '../../db/recent-deliveries.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { decideInFlight, type InFlightDecision } from '../in-flight/decide.ts'
import type { Setting } from './decide-again.ts'

/** What becomes of a delivery that its recipient has not fetched when a change closes that one. */
export type Move =
  | { readonly outcome: 'redirect'; readonly from: AgencyCode; readonly to: AgencyCode }
  | { readonly outcome: 'bounce' | 'keep'; readonly from: AgencyCode }

/** How many deliveries on their way now a change redirects, bounces, and leaves in the box of who closes. */
export interface Moves {
  readonly redirected: number
  readonly bounced: number
  readonly kept: number
}

type Moved = (delivery: RecentDelivery) => Move | undefined

/**
 * What becomes of deliveries in flight because of a change: by the same decision as at midnight of the day, and only
 * where it would be another one without the change.
 */
export function movesBetween(before: Setting, after: Setting): Moved {
  if (before.directory === after.directory) return () => undefined
  return ({ recipient, documentType, inFlight }) => {
    if (!inFlight) return undefined
    const delivery = { recipient, documentType: documentType ?? undefined }
    const move = moveOf(recipient, decideInFlight(after.directory, delivery, after.day))
    if (move === undefined) return undefined
    const was = moveOf(recipient, decideInFlight(before.directory, delivery, before.day))
    return was !== undefined && isSame(was, move) ? undefined : move
  }
}

function moveOf(from: AgencyCode, decision: InFlightDecision): Move | undefined {
  if (decision.outcome === 'open') return undefined
  return decision.outcome === 'redirect'
    ? { outcome: 'redirect', from, to: decision.to.code }
    : { outcome: decision.outcome, from }
}

const isSame = (one: Move, other: Move): boolean =>
  one.outcome === other.outcome &&
  (one.outcome !== 'redirect' || other.outcome !== 'redirect' || one.to === other.to)

/** The numbers for people. */
export const movesText = ({ redirected, bounced, kept }: Moves): Bilingual => ({
  vi: `Trong số đang trên đường, nếu bên nhận chưa lấy trước ngày đó: ${redirected} lượt được chuyển tới cơ quan kế thừa, ${bounced} lượt bị trả lại, ${kept} lượt ở lại hộp thư cũ.`,
  en: `Of those in flight, unless they are fetched before that day: ${redirected} are redirected to successors, ${bounced} bounced, ${kept} kept in the old inbox.`,
})
