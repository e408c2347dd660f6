import type { ListedAgency, ListedAgencyQd20, SynchronizedUnit } from '../../axis/answers.ts'
import { asciiJson } from '../../axis/ascii-json.ts'
import { inSlices, type Sliced } from '../../directory/slices.ts'
import { agencyEntry } from '../../directory/snapshot/agency-entry.ts'
import type { DirectorySnapshot } from '../../directory/snapshot/snapshot.ts'
import { holdsOn } from '../../domain/directory/fact.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { AxisReply } from './answer.ts'
import type { Asking } from './asking.ts'
import { invalid } from './read-fields.ts'

/** The three forms in which clients ask for the directory. Codes stand for ids: they are unique and stay. */
interface Rows {
  readonly getAgenciesList: ListedAgency
  readonly getAgenciesListQD20: ListedAgencyQd20
  readonly getSynchronizeUnit: SynchronizedUnit
}

type ListName = keyof Rows

interface Line {
  readonly directory: DirectorySnapshot
  readonly code: AgencyCode
  readonly day: string
}

/** One row of each list; undefined for who is not on it. */
const ROWS: { readonly [Name in ListName]: (line: Line) => Rows[Name] | undefined } = {
  getAgenciesList: ({ directory, code, day }) => {
    const agency = directory.isOpen(code, day) ? directory.agency(code, day) : undefined
    if (agency === undefined) return undefined
    const old = code102(directory, code, day)
    return {
      id: code,
      pid: agency.parent ?? '',
      code,
      name: agency.name,
      mail: mailOf(directory, code, day),
      ...(old !== '' && { oldCode: old }),
    }
  },
  getAgenciesListQD20: ({ directory, code, day }) => {
    const agency = directory.isOpen(code, day) ? directory.agency(code, day) : undefined
    if (agency === undefined) return undefined
    const mail = mailOf(directory, code, day)
    return { id: code, code, name: agency.name, mail, code102: code102(directory, code, day) }
  },
  getSynchronizeUnit: ({ directory, code, day }) => {
    const entry = agencyEntry(directory, code, day)
    if (entry === undefined || entry.validFrom > day) return undefined
    const deleted = !directory.isOpen(code, day)
    const changed = deleted && entry.validTo !== null ? entry.validTo : lastChange(directory, code, day)
    return {
      id: code,
      pid: entry.parent ?? '',
      code,
      name: entry.name,
      mail: mailOf(directory, code, day),
      version: entry.revision,
      centerCode: '',
      deleted,
      modifyDate: changed.replaceAll('-', '/'),
      isAgency: true,
    }
  },
}

/** The code as packets of QCVN 102:2016 spell it, with level 1 on the right; empty where it has none. */
function code102(directory: DirectorySnapshot, code: AgencyCode, day: string): string {
  let found = ''
  for (const fact of directory.factsOf(code)) {
    if (fact.kind !== 'alias' || !holdsOn(fact, day)) continue
    if (fact.value.form === 'code102') return fact.value.alias
    if (fact.value.form === 'qcvn-13') found = fact.value.alias
  }
  return found
}

function mailOf(directory: DirectorySnapshot, code: AgencyCode, day: string): string {
  for (const fact of directory.factsOf(code))
    if (fact.kind === 'contact' && fact.value.email !== null && holdsOn(fact, day)) return fact.value.email
  return ''
}

/** The latest day by then from which anything new holds. */
function lastChange(directory: DirectorySnapshot, code: AgencyCode, day: string): string {
  const days = directory.factsOf(code).map(({ validFrom }) => validFrom)
  return days.filter((one) => one <= day).reduce((last, one) => (one > last ? one : last), '')
}

/** Agencies of one piece of JSON text. */
const PIECE = 500

/** The text of a list, piece by piece: 111,000 agencies have some 15 MB. */
function* listText(
  name: ListName,
  directory: DirectorySnapshot,
  day: string,
  level: number | null,
): Sliced<Uint8Array> {
  const pieces = [Buffer.from('{"status":"OK","ErrorCode":"0","ErrorDesc":"Success","data":[')]
  let rows: Rows[ListName][] = []
  let isFirst = true
  const flush = () => {
    if (rows.length === 0) return
    pieces.push(Buffer.from(`${isFirst ? '' : ','}${asciiJson(rows).slice(1, -1)}`, 'ascii'))
    isFirst = false
    rows = []
  }
  for (const code of directory.codes()) {
    if (level !== null && directory.ancestors(code, day).length + 1 !== level) continue
    const row = directory.isGroup(code) ? undefined : ROWS[name]({ directory, code, day })
    if (row !== undefined) rows.push(row)
    if (rows.length < PIECE) continue
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
  async (asking: Asking): Promise<AxisReply> => {
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
function levelOf({ signed }: Asking): number | null {
  const text = signed.get('level')?.trim() ?? ''
  if (text === '' || text === '0') return null
  const level = Number(text)
  if (Number.isInteger(level) && level >= 1 && level <= DEEPEST) return level
  throw invalid('level', text, `Một số từ 1 đến ${DEEPEST}.`, `A number from 1 to ${DEEPEST}.`)
}
