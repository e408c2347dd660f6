import type { AgencyCode } from '../../domain/identifiers.ts'
import { foldDiacritics, searchNeedle } from '../../domain/search-text.ts'
import { type AgencyEntry, agencyEntry } from './agency-entry.ts'
import type { DirectorySnapshot } from './snapshot.ts'

export interface AgencyPage {
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
  /** A code; the page begins behind it. */
  readonly after?: string
  readonly limit: number
  readonly tier?: string
  readonly parent?: string
  /** Only those that are open on the day. */
  readonly open?: boolean
  /** Part of code or name; without diacritics it stands for any. */
  readonly text?: string
}

/** One page of the directory as of a day, in the order of codes: open, closed, and still to begin, unless only those open are wanted. */
export function listAgencies(directory: DirectorySnapshot, page: AgencyPage): AgencyEntry[] {
  const { day, after = '', limit, open = false } = page
  const codes = codesInOrder(directory)
  const found: AgencyEntry[] = []
  const fits = filterOf(page)
  for (let index = firstBehind(codes, after); index < codes.length && found.length < limit; index += 1) {
    const code = codes[index]!
    const agency = directory.agency(code, day)
    if (agency === undefined || !fits(agency) || (open && !directory.isOpen(code, day))) continue
    const record = agencyEntry(directory, code, day)
    if (record !== undefined) found.push(record)
  }
  return found
}

type Described = Pick<AgencyEntry, 'code' | 'name' | 'tier' | 'parent'>

function filterOf({ tier, parent, text }: AgencyPage): (agency: Described) => boolean {
  const needle = text === undefined ? undefined : searchNeedle(text)
  const folds = needle !== undefined && foldDiacritics(needle) === needle
  const contains = (name: string) =>
    (folds ? foldDiacritics(name) : searchNeedle(name)).includes(needle ?? '')
  return (agency) =>
    (tier === undefined || agency.tier === tier) &&
    (parent === undefined || agency.parent === parent) &&
    (needle === undefined || agency.code.toLowerCase().includes(needle) || contains(agency.name))
}

/** Sorting a whole directory takes long enough to be done once for each snapshot. */
const inOrder = new WeakMap<DirectorySnapshot, readonly AgencyCode[]>()

function codesInOrder(directory: DirectorySnapshot): readonly AgencyCode[] {
  const known = inOrder.get(directory)
  if (known !== undefined) return known
  const codes = [...directory.codes()].sort()
  inOrder.set(directory, codes)
  return codes
}

/** The first index whose code stands behind a given one. */
function firstBehind(codes: readonly string[], after: string): number {
  let [low, high] = [0, codes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (codes[middle]! <= after) low = middle + 1
    else high = middle
  }
  return low
}
