import { meantBy } from '../directory/acts/named-agencies.ts'
import { resolveAddress } from '../directory/snapshot/resolve-address.ts'
import { resolveRecipient } from '../directory/snapshot/resolve-recipient.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import type { GroupExpansion } from '../domain/directory/group.ts'
import type { AgencyOnDay, ResolvedAgency, ResolvedGroup } from '../domain/directory/resolution.ts'
import type { Fault } from '../domain/fault.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { Addressed } from '../domain/routing-rule.ts'
import type { MeantThen } from './choose-named.ts'
import { type NamedRecipient, repeatedFault, tooManyFault, unresolvableFault } from './recipient-faults.ts'

/** An agency that really gets a packet, and every name of the packet that led to it. */
export interface AddressedRecipient {
  readonly agency: AgencyOnDay
  readonly addressed: readonly Addressed[]
}

export interface AddressedRecipients {
  readonly recipients: readonly AddressedRecipient[]
  /** The groups that were named, as they are expanded for this packet. */
  readonly expansions: readonly GroupExpansion[]
  /** Unknown, closed and repeated recipients, all together. */
  readonly faults: readonly Fault[]
}

export interface AddressingFacts {
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  readonly documentType: string | undefined
  /** Gets nothing as a member of a group. */
  readonly sender: AgencyCode
  /**
   * The packet speaks of an earlier one: successors are followed whatever their policy, and whoever cannot be reached
   * any more is no fault.
   */
  readonly speaksOfOld: boolean
  /** Groups as they were expanded for the document that this packet speaks of: they mean the same members still. */
  readonly expandedThen: ReadonlyMap<AgencyCode, GroupExpansion>
  /** What spellings stood for in the document that this packet speaks of: a spelling may be another agency's since. */
  readonly meantThen: MeantThen
}

/** Names that one packet may come to through its groups: each is kept with a delivery and told in the receipt. */
const MOST_NAMES = 500_000

/** The agencies that recipients mean on a day, each once, or what is wrong with each name. */
export function addressRecipients(
  snapshot: DirectorySnapshot,
  named: readonly NamedRecipient[],
  facts: AddressingFacts,
): AddressedRecipients {
  const found = new Collected()
  const faults: Fault[] = []
  for (const recipient of named) {
    const fault = addressOne(snapshot, recipient, facts, found)
    if (fault !== undefined) faults.push(fault)
    if (found.names > MOST_NAMES) return found.answer([...faults, tooManyFault(recipient, MOST_NAMES)])
  }
  return found.answer(faults)
}

/** Recipients as they are found, by the agency that gets the packet. */
class Collected {
  readonly #recipients = new Map<
    AgencyCode,
    { readonly agency: AgencyOnDay; readonly addressed: Addressed[] }
  >()
  readonly #expansions: GroupExpansion[] = []
  /** Agencies and groups that the packet itself names. */
  readonly #named = new Set<AgencyCode>()
  names = 0

  /** Whether this name stands here for the first time. */
  isNew(code: AgencyCode): boolean {
    const before = this.#named.size
    return this.#named.add(code).size > before
  }

  add(agency: AgencyOnDay, addressed: Addressed): void {
    this.names += 1
    const known = this.#recipients.get(agency.code)
    if (known === undefined) this.#recipients.set(agency.code, { agency, addressed: [addressed] })
    else known.addressed.push(addressed)
  }

  expand(expansion: GroupExpansion): void {
    this.#expansions.push(expansion)
  }

  answer(faults: readonly Fault[]): AddressedRecipients {
    return { recipients: [...this.#recipients.values()], expansions: this.#expansions, faults }
  }
}

function addressOne(
  snapshot: DirectorySnapshot,
  recipient: NamedRecipient,
  facts: AddressingFacts,
  found: Collected,
): Fault | undefined {
  const { day, documentType, speaksOfOld } = facts
  const spelling = recipient.organId
  const meant = meantBySpelling(snapshot, spelling, facts)
  const then = facts.expandedThen.get(meant ?? (spelling as AgencyCode))
  if (then !== undefined) return addressThen(snapshot, recipient, then, facts, found)
  const resolved = resolveRecipient(snapshot, meant ?? spelling, {
    day,
    ...(documentType !== undefined && { documentType }),
    evenIfBounced: speaksOfOld,
  })
  switch (resolved.outcome) {
    case 'agency': {
      const addressed = addressedAs(spelling, resolved)
      if (!found.isNew(addressed.code)) return repeatedFault(recipient, addressed)
      return void found.add(resolved.agency, addressed)
    }
    case 'group':
      return addressGroup(recipient, resolved, facts.sender, found)
    case 'unresolvable':
      // What is unknown cannot have been a party to anything.
      return speaksOfOld && resolved.reason !== 'unknown-code'
        ? undefined
        : unresolvableFault(recipient, resolved, meantBy(snapshot, spelling, day))
  }
}

/** The code that a spelling stands for: that of today, if it stood for it then too, or is new. */
function meantBySpelling(
  snapshot: DirectorySnapshot,
  spelling: string,
  { day, meantThen }: AddressingFacts,
): AgencyCode | undefined {
  const today = snapshot.codeOf(spelling, day)?.code
  const then = meantThen.get(spelling)
  if (then === undefined || (today !== undefined && then.has(today))) return today
  return [...then].at(-1)
}

/** The name by which an agency was addressed: its own, or that of the agency that it took over from. */
export const addressedAs = (spelling: string, { agency, hops }: ResolvedAgency): Addressed => {
  const { code, name } = hops[0]?.from ?? agency
  return { spelling, code, name, hops }
}

function addressGroup(
  recipient: NamedRecipient,
  { group, members, expansion }: ResolvedGroup,
  sender: AgencyCode,
  found: Collected,
): Fault | undefined {
  if (!found.isNew(group.code)) return repeatedFault(recipient, group)
  const others = members.filter(({ agency }) => agency.code !== sender)
  if (others.length === 0)
    return unresolvableFault(recipient, { ...NOBODY, reason: 'group-empty', alias: null })
  for (const { agency, listed } of others)
    for (const as of listed) found.add(agency, { spelling: recipient.organId, ...as, group })
  found.expand({ ...expansion, members: others.map(({ agency }) => agency.code) })
  return undefined
}

const NOBODY = {
  outcome: 'unresolvable',
  hops: [],
  last: undefined,
  closedOn: null,
  successor: null,
} as const

/** Those to whom a group was expanded before, wherever they are by now; who is gone for good is left out. */
function addressThen(
  snapshot: DirectorySnapshot,
  recipient: NamedRecipient,
  then: GroupExpansion,
  { day, documentType, sender }: AddressingFacts,
  found: Collected,
): Fault | undefined {
  const group = { code: then.group, name: then.name }
  if (!found.isNew(then.group)) return repeatedFault(recipient, group)
  for (const member of then.members) {
    const resolved = resolveAddress(snapshot, member, {
      day,
      ...(documentType !== undefined && { documentType }),
      evenIfBounced: true,
    })
    if (resolved.outcome === 'unresolvable' || resolved.agency.code === sender) continue
    found.add(resolved.agency, { ...addressedAs(recipient.organId, resolved), group })
  }
  found.expand(then)
  return undefined
}
