import { asciiJson } from '../../axis/ascii-json.ts'
import { inSlices, type Sliced } from '../../directory/slices.ts'
import type { DirectorySnapshot } from '../../directory/snapshot/snapshot.ts'
import { AGENCY_ROWS, type AgencyRows, type ListName } from './agency-rows.ts'
import type { AxisReply } from './answer.ts'
import type { Asking } from './asking.ts'
import { invalid } from './read-fields.ts'

/** Agencies that are looked at, and written as one piece of JSON text, in one step. */
const PIECE = 500

/** The text of a list, piece by piece: 111,000 agencies have some 15 MB. */
function* listText(
  name: ListName,
  directory: DirectorySnapshot,
  day: string,
  level: number | null,
): Sliced<Uint8Array> {
  const pieces = [Buffer.from('{"status":"OK","ErrorCode":"0","ErrorDesc":"Success","data":[')]
  let rows: AgencyRows[ListName][] = []
  let separator = ''
  const flush = () => {
    if (rows.length === 0) return
    pieces.push(Buffer.from(`${separator}${asciiJson(rows).slice(1, -1)}`, 'ascii'))
    separator = ','
    rows = []
  }
  let seen = 0
  for (const code of directory.codes()) {
    seen += 1
    const isWanted = level === null || directory.ancestors(code, day).length + 1 === level
    const row = isWanted && !directory.isGroup(code) ? AGENCY_ROWS[name]({ directory, code, day }) : undefined
    if (row !== undefined) rows.push(row)
    if (seen % PIECE !== 0) continue
    flush()
    yield
  }
  flush()
  pieces.push(Buffer.from(']}'))
  return Buffer.concat(pieces)
}

interface Kept {
  readonly day: string
  readonly lists: Map<string, Promise<Uint8Array>>
}

/** Per snapshot, that is per revision, and for one day: every client asks for the same list. */
const KEPT = new WeakMap<DirectorySnapshot, Kept>()
/** Levels that a list is kept for; no hierarchy is deeper. */
const DEEPEST = 10

function keptLists(directory: DirectorySnapshot, day: string): Kept['lists'] {
  const kept = KEPT.get(directory)
  if (kept?.day === day) return kept.lists
  const fresh: Kept = { day, lists: new Map() }
  KEPT.set(directory, fresh)
  return fresh.lists
}

/** The directory as one of the lists, as of today. @throws GatewayError `request-invalid` where the level is none */
export const agencyList =
  (name: ListName) =>
  async (asking: Pick<Asking, 'directory' | 'day' | 'signed'>): Promise<AxisReply> => {
    const { directory, day } = asking
    const level = name === 'getAgenciesListQD20' ? levelOf(asking) : null
    const lists = keptLists(directory, day)
    const key = `${name} ${level}`
    const list = lists.get(key) ?? inSlices(listText(name, directory, day, level))
    lists.set(key, list)
    list.catch(() => lists.delete(key))
    return { json: await list }
  }

/** Level 1 stands at the top of the hierarchy; all levels where none is named. */
function levelOf({ signed }: Pick<Asking, 'signed'>): number | null {
  const text = signed.get('level')?.trim() ?? ''
  if (text === '' || text === '0') return null
  const level = Number(text)
  if (Number.isInteger(level) && level >= 1 && level <= DEEPEST) return level
  throw invalid('level', text, `Một số từ 1 đến ${DEEPEST}.`, `A number from 1 to ${DEEPEST}.`)
}
