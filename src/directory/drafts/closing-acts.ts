import type { AgencyCode } from '../../domain/identifiers.ts'
import type { AgencyRow } from '../../sheets/agencies-sheet.ts'
import type { Placed } from './field-acts.ts'

export interface Closing {
  readonly row: AgencyRow
  /** The first day without it. */
  readonly on: string
}

/** As many as one act may name. */
const MOST_MERGED = 1_000

/**
 * Agencies that close. Those that close on one day into one successor, under the same policies, are a merger; one that
 * several take over from is split; any other is a closure.
 */
export function closingActs(closings: readonly Closing[]): Placed[] {
  const mergers = new Map<string, Closing[]>()
  const acts: Placed[] = []
  for (const closing of closings) {
    const successor = onlySuccessor(closing.row)
    if (successor === undefined) acts.push(singleAct(closing))
    else push(mergers, JSON.stringify([closing.on, successor, ending(closing.row)]), closing)
  }
  for (const merged of mergers.values())
    for (let from = 0; from < merged.length; from += MOST_MERGED)
      acts.push(mergeAct(merged.slice(from, from + MOST_MERGED)))
  return acts
}

/** The one that takes over everything; undefined where nobody does, or several do. */
function onlySuccessor({ successors }: AgencyRow): AgencyCode | undefined {
  const [first, second] = successors?.heirs ?? []
  return first !== undefined && second === undefined && first.documentTypes === undefined
    ? first.code
    : undefined
}

const ending = ({ whenAddressed, whenInFlight, basis }: AgencyRow) => ({
  ...(whenAddressed !== undefined && { whenAddressed }),
  ...(whenInFlight !== undefined && { whenInFlight }),
  ...(basis !== undefined && { basis }),
})

function singleAct({ row: agency, on }: Closing): Placed {
  const { row, code, successors } = agency
  const place = { row, column: 'validTo' } as const
  if (successors === undefined || successors === null)
    return { act: { act: 'close', on, code, successor: null, ...ending(agency) }, ...place }
  const { heirs, main } = successors
  return { act: { act: 'split', on, code, into: heirs, main, ...ending(agency) }, ...place }
}

function mergeAct(merged: readonly Closing[]): Placed {
  const { row: agency, on } = merged[0]!
  const into = onlySuccessor(agency)!
  const place = { row: agency.row, column: 'successors' } as const
  if (merged.length === 1)
    return { act: { act: 'close', on, code: agency.code, successor: into, ...ending(agency) }, ...place }
  const codes = merged.map(({ row }) => row.code)
  return { act: { act: 'merge', on, codes, into, ...ending(agency) }, ...place }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
