import type { Resolution, SuccessorHop, UnresolvableReason } from '../../domain/directory/resolution.ts'
import { heirFor } from '../../domain/directory/succession.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot } from './snapshot.ts'

export interface AddressFacts {
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  readonly documentType?: string
  /** Follows successors also where their policy is to bounce: for what speaks of earlier documents. */
  readonly evenIfBounced?: boolean
}

/**
 * The agency that a spelling means on a day: itself where it is open, else whoever took over from it, however many
 * steps that takes. Never throws, and always ends: a successor is not followed twice.
 */
export function resolveAddress(
  snapshot: DirectorySnapshot,
  spelling: string,
  facts: AddressFacts,
): Resolution {
  const { day } = facts
  const named = snapshot.codeOf(spelling, day)
  if (named === undefined || snapshot.agency(named.code, day) === undefined)
    return {
      outcome: 'unresolvable',
      reason: 'unknown-code',
      hops: [],
      alias: null,
      last: undefined,
      closedOn: null,
      successor: null,
    }
  const hops: SuccessorHop[] = []
  const seen = new Set<AgencyCode>()
  let code = named.code
  for (;;) {
    const agency = snapshot.agency(code, day)!
    if (snapshot.isOpen(code, day)) return { outcome: 'agency', agency, hops, alias: named.alias }
    seen.add(code)
    const succession = snapshot.fact(code, 'succession', day)
    const heir = succession === undefined ? null : heirFor(succession.value, facts.documentType)
    const stop = (reason: UnresolvableReason): Resolution => ({
      outcome: 'unresolvable',
      reason,
      hops,
      alias: named.alias,
      last: agency,
      closedOn: succession?.validFrom ?? closedOn(snapshot, code, day),
      successor: heir,
    })
    if (succession === undefined)
      return stop(hasBegun(snapshot, code, day) ? 'closed-without-successor' : 'not-yet-open')
    const { value } = succession
    if (heir === null)
      return stop(value.heirs.length === 0 ? 'closed-without-successor' : 'no-successor-for-document-type')
    if (value.whenAddressed === 'bounce' && facts.evenIfBounced !== true) return stop('closed-and-bounced')
    const next = snapshot.agency(heir, day)
    if (next === undefined || seen.has(heir)) return stop('closed-without-successor')
    hops.push({
      from: { code, name: agency.name },
      to: { code: heir, name: next.name },
      act: value.act,
      on: succession.validFrom,
      basis: value.basis,
    })
    code = heir
  }
}

const hasBegun = (snapshot: DirectorySnapshot, code: AgencyCode, day: string): boolean =>
  snapshot.factsOfKind(code, 'existence').some(({ validFrom }) => validFrom <= day)

/** The first day without it, by a day; null where it has not closed by then. */
const closedOn = (snapshot: DirectorySnapshot, code: AgencyCode, day: string): string | null =>
  snapshot
    .factsOfKind(code, 'existence')
    .flatMap(({ validTo }) => (validTo !== null && validTo <= day ? [validTo] : []))
    .sort()
    .at(-1) ?? null
