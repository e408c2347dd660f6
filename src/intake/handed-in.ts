import { createHash } from 'node:crypto'
import { resolveAddress } from '../directory/snapshot/resolve-address.ts'
import { resolveRecipient } from '../directory/snapshot/resolve-recipient.ts'
import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import type { Envelope } from '../domain/envelope.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { Addressed } from '../domain/routing-rule.ts'

/** Of the recipients that a packet names, those for whom it is handed in; the others are somebody else's to deliver. */
export interface HandedIn {
  /** The codes for which the door's names stand today, each once, in order. */
  readonly codes: readonly AgencyCode[]
  /** Whether every one of them must be found among the packet's recipients: the door is sure of what it asks. */
  readonly isSure: boolean
  /** Whether a name of the packet is one of them, by whatever spelling, or leads to one of them. */
  readonly names: (spelling: string) => boolean
  /** Whether a delivery is for one of them: by who gets it, or by a name, also of a group, that led there. */
  readonly meets: (delivery: Reached) => boolean
}

export interface Reached {
  readonly recipient: AgencyCode
  readonly addressed: readonly Addressed[]
}

export interface HandedInFacts {
  readonly directory: DirectorySnapshot
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  readonly documentType: string | undefined
  /** Another exchange, which has looked up whom it hands the packet in for; a client may send names of an earlier call. */
  readonly isSure: boolean
}

/**
 * What the names that came beside a packet say of it; null where it is handed in for everybody: no names, all of To, or,
 * from a door that is not sure, none of To. A status goes to the party of its ResponseFor whatever stands beside it.
 */
export function handedIn(
  envelope: Envelope,
  spellings: readonly string[] | undefined,
  facts: HandedInFacts,
): HandedIn | null {
  if (spellings === undefined || envelope.kind === 'status') return null
  const { directory, day, isSure } = facts
  const codeOf = (spelling: string) => directory.codeOf(spelling, day)?.code ?? (spelling as AgencyCode)
  const reachedFrom = reacher(facts)
  const codes = new Set(spellings.map(codeOf))
  const reached = new Set([...codes].map(reachedFrom))
  const isFor = (code: AgencyCode) => codes.has(code) || reached.has(code)
  const names = (spelling: string) => {
    const code = codeOf(spelling)
    return isFor(code) || codes.has(reachedFrom(code))
  }
  const meets = ({ recipient, addressed }: Reached) =>
    isFor(recipient) ||
    addressed.some(({ code, group }) => codes.has(code) || (group !== undefined && codes.has(group.code)))
  const to = envelope.to.map(({ organId }) => organId)
  if (to.every(names)) return null
  const found = { codes: [...codes].sort(), isSure, names, meets }
  return isSure || to.some((one) => names(one) || holdsOne(one, facts, meets)) ? found : null
}

/** Who gets by now what is addressed to an agency: itself, or who took over from it. */
function reacher({ directory, day, documentType }: HandedInFacts): (code: AgencyCode) => AgencyCode {
  const known = new Map<AgencyCode, AgencyCode>()
  const find = (code: AgencyCode): AgencyCode => {
    const kind = documentType === undefined ? {} : { documentType }
    const found = resolveAddress(directory, code, { day, ...kind, evenIfBounced: true })
    return found.outcome === 'agency' ? found.agency.code : code
  }
  return (code) => {
    const before = known.get(code) ?? find(code)
    known.set(code, before)
    return before
  }
}

/** Whether a name is that of an address group with one of them among its members. */
function holdsOne(
  spelling: string,
  { directory, day, documentType }: HandedInFacts,
  meets: HandedIn['meets'],
): boolean {
  const kind = documentType === undefined ? {} : { documentType }
  const found = resolveRecipient(directory, spelling, { day, ...kind })
  return (
    found.outcome === 'group' &&
    found.members.some(({ agency }) => meets({ recipient: agency.code, addressed: [] }))
  )
}

/** The key of a hand-in for some recipients, by the key of the whole: the same names, the same hand-in. */
export const partKey = (wholeKey: string, names: readonly string[]): string =>
  `part:${createHash('sha256').update(names.join('\n')).digest('hex')}:${wholeKey}`
