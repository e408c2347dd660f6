import type { AgencyCode } from '../../../domain/identifiers.ts'
import { resolveAddress } from '../../snapshot/resolve-address.ts'
import type { DirectorySnapshot } from '../../snapshot/snapshot.ts'

/** Who has taken over from an agency by a day, however many steps that takes; undefined where nobody has. */
export function successorOn(
  snapshot: DirectorySnapshot,
  code: AgencyCode,
  day: string,
): { readonly code: AgencyCode; readonly name: string } | undefined {
  const resolved = resolveAddress(snapshot, code, { day, evenIfBounced: true })
  return resolved.outcome === 'agency' && resolved.agency.code !== code ? resolved.agency : undefined
}
