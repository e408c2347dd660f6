import type { GroupMembers } from '../../domain/directory/group.ts'
import type {
  GroupMember,
  ListedAs,
  ResolvedGroup,
  UnresolvableReason,
} from '../../domain/directory/resolution.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { resolveAddress } from './resolve-address.ts'
import type { DirectorySnapshot } from './snapshot.ts'

/** On which day, and for which kind of document: successors may depend on it. */
export interface ExpansionFacts {
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  readonly documentType?: string
}

interface Members {
  readonly members: readonly GroupMember[]
  readonly missing: ResolvedGroup['missing']
}

/**
 * The open agencies that an address group stands for on a day, or why it stands for none. Who is listed and has closed
 * is followed to its successor, also where documents that name it are bounced: the list is the administrators', not the
 * sender's.
 */
export function expandGroup(
  snapshot: DirectorySnapshot,
  code: AgencyCode,
  facts: ExpansionFacts,
): ResolvedGroup | UnresolvableReason {
  const group = snapshot.fact(code, 'group', facts.day)?.value
  if (group === undefined)
    return snapshot.factsOfKind(code, 'group').length > 0 ? 'group-not-in-force' : 'unknown-code'
  const { members, missing } =
    'codes' in group.members
      ? listedMembers(snapshot, group.members.codes, facts)
      : { members: describedMembers(snapshot, group.members, facts.day), missing: [] }
  if (members.length === 0) return 'group-empty'
  return {
    outcome: 'group',
    group: { code, name: group.name },
    alias: null,
    members,
    missing,
    expansion: {
      group: code,
      name: group.name,
      directoryRevision: snapshot.revision,
      members: members.map(({ agency }) => agency.code),
    },
  }
}

function listedMembers(
  snapshot: DirectorySnapshot,
  codes: readonly AgencyCode[],
  facts: ExpansionFacts,
): Members {
  const members = new Map<AgencyCode, { agency: GroupMember['agency']; listed: ListedAs[] }>()
  const missing: { code: AgencyCode; reason: UnresolvableReason }[] = []
  for (const code of new Set(codes)) {
    const found = resolveAddress(snapshot, code, { ...facts, evenIfBounced: true })
    if (found.outcome === 'unresolvable') {
      missing.push({ code, reason: found.reason })
      continue
    }
    const { agency, hops } = found
    const named = hops[0]?.from ?? agency
    const listed = { code: named.code, name: named.name, hops }
    const known = members.get(agency.code)
    if (known === undefined) members.set(agency.code, { agency, listed: [listed] })
    else known.listed.push(listed)
  }
  return { members: [...members.values()], missing }
}

type Described = Exclude<GroupMembers, { readonly codes: unknown }>

function describedMembers(snapshot: DirectorySnapshot, described: Described, day: string): GroupMember[] {
  const conditions = asOf(snapshot, described, day)
  const { tier, under, parent } = conditions
  const found: GroupMember[] = []
  for (const code of candidates(snapshot, conditions, day)) {
    const agency = snapshot.isOpen(code, day) ? snapshot.agency(code, day) : undefined
    if (agency === undefined) continue
    if (tier !== undefined && agency.tier !== tier) continue
    if (parent !== undefined && agency.parent !== parent) continue
    if (under !== undefined && (code === under || !snapshot.isUnder(code, under, day))) continue
    found.push({ agency, listed: [{ code, name: agency.name, hops: [] }] })
  }
  return found.sort((a, b) => (a.agency.code < b.agency.code ? -1 : 1))
}

function candidates(
  snapshot: DirectorySnapshot,
  { under, parent }: Described,
  day: string,
): Iterable<AgencyCode> {
  if (parent === null) return snapshot.rootsOn(day)
  if (parent !== undefined) return snapshot.childrenOn(parent, day)
  return under === undefined ? snapshot.codes() : snapshot.subtreeOn(under, day)
}

/** The conditions with the codes that agencies bear on a day: they go on after somebody was given another one. */
function asOf(snapshot: DirectorySnapshot, described: Described, day: string): Described {
  const { tier, under, parent } = described
  return {
    ...(tier !== undefined && { tier }),
    ...(under !== undefined && { under: recoded(snapshot, under, day) }),
    ...(parent !== undefined && { parent: parent && recoded(snapshot, parent, day) }),
  }
}

function recoded(snapshot: DirectorySnapshot, code: AgencyCode, day: string): AgencyCode {
  const seen = new Set<AgencyCode>()
  for (let now = code; ; ) {
    seen.add(now)
    const succession = snapshot.isOpen(now, day) ? undefined : snapshot.fact(now, 'succession', day)?.value
    const next = succession?.act === 'recode' ? succession.main : null
    if (next === null || seen.has(next)) return now
    now = next
  }
}
