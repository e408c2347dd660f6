import { isDeepStrictEqual } from 'node:util'
import { resolveRecipient } from '../../../../src/directory/snapshot/resolve-recipient.ts'
import type { DirectorySnapshot } from '../../../../src/directory/snapshot/snapshot.ts'
import type { RecipientResolution, SuccessorHop } from '../../../../src/domain/directory/resolution.ts'
import type { AgencyCode } from '../../../../src/domain/identifiers.ts'
import type { Log } from './model.ts'
import { endpointByReplay, resolveByReplay } from './resolve.ts'

/** Where a directory and a replay differ. */
export class Difference extends Error {}

const TYPES = [undefined, 'Công văn', 'Báo cáo']

/**
 * Holds a directory against a replay of the same acts, on one day: what every spelling leads to, and of everybody who is
 * open the name, tier, parent, those above and beneath, endpoint and contacts.
 * @returns how many answers were compared
 * @throws Difference with both answers, at the first that differs
 */
export function compareOn(
  directory: DirectorySnapshot,
  log: Log,
  day: string,
  spellings: readonly string[],
): number {
  let compared = 0
  const same = (what: string, system: unknown, replay: unknown): void => {
    compared += 1
    if (isDeepStrictEqual(system, replay)) return
    throw new Difference(
      `${what} on ${day}\n  directory ${JSON.stringify(system)}\n  replay    ${JSON.stringify(replay)}`,
    )
  }
  for (const spelling of spellings)
    for (const documentType of TYPES) {
      const facts = { day, ...(documentType !== undefined && { documentType }) }
      const found = plain(resolveRecipient(directory, spelling, facts))
      same(`${spelling} for ${documentType}`, found, resolveByReplay(log, spelling, day, documentType))
    }
  const state = log.at(day)
  const open = state.open().sort((a, b) => (a.code < b.code ? -1 : 1))
  const isOpen = (code: AgencyCode) => directory.isOpen(code, day)
  same(
    'who is open',
    [...directory.codes()].filter(isOpen).sort(),
    open.map(({ code }) => code),
  )
  for (const { code, name, tier, parent, contacts } of open) {
    same(`agency ${code}`, directory.agency(code, day), { code, name, tier, parent })
    same(`above ${code}`, directory.ancestors(code, day), state.ancestorsOf(code))
    const children = state.childrenOf(code).map((child) => child.code)
    same(`beneath ${code}`, directory.childrenOn(code, day).sort(), children.sort())
    same(`endpoint of ${code}`, directory.endpointFor(code, day), endpointByReplay(state, code))
    const known = directory.factsOn(code, 'contact', day).map(({ value }) => value)
    same(`contacts of ${code}`, known.sort(byRole), [...contacts.values()].sort(byRole))
  }
  return compared
}

const byRole = (a: { readonly role: string }, b: { readonly role: string }): number =>
  a.role < b.role ? -1 : 1

const hop = ({ from, to, act, on, basis }: SuccessorHop): unknown[] => [
  ...[from.code, from.name, to.code, to.name],
  ...[act, on, basis],
]

/** A resolution in the plain values of the replay. */
function plain(found: RecipientResolution): Record<string, unknown> {
  if (found.outcome === 'group') {
    const missing = found.missing.map(({ code, reason }) => `${code} ${reason}`)
    const list = found.members.map(({ agency }) => agency.code)
    return { out: 'group', name: found.group.name, list, missing }
  }
  const hops = found.hops.map(hop)
  if (found.outcome === 'agency') {
    const { code, name, tier, parent } = found.agency
    return { out: code, name, tier, parent, hops, alias: found.alias }
  }
  const { reason, alias, last, closedOn, successor } = found
  if (last === undefined) return { out: reason }
  if (reason === 'not-yet-open') return { out: reason, hops, alias }
  return { out: reason, hops, alias, last: last.code, closedOn, successor }
}
