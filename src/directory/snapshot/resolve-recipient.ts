import type { RecipientResolution } from '../../domain/directory/resolution.ts'
import { expandGroup } from './expand-group.ts'
import { type AddressFacts, resolveAddress } from './resolve-address.ts'
import type { DirectorySnapshot } from './snapshot.ts'

/**
 * What a spelling among the recipients of a document means on a day: an agency that is open, the open agencies of an
 * address group, or nobody, with a named reason. Never throws.
 */
export function resolveRecipient(
  snapshot: DirectorySnapshot,
  spelling: string,
  facts: AddressFacts,
): RecipientResolution {
  const named = snapshot.codeOf(spelling, facts.day)
  if (named === undefined || !snapshot.isGroup(named.code)) return resolveAddress(snapshot, spelling, facts)
  const found = expandGroup(snapshot, named.code, facts)
  if (typeof found !== 'string') return { ...found, alias: named.alias }
  return {
    outcome: 'unresolvable',
    reason: found,
    hops: [],
    alias: named.alias,
    last: undefined,
    closedOn: null,
    successor: null,
  }
}
