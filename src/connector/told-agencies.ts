import type { ListedAgency, ListedAgencyQd20, SynchronizedUnit } from '../axis/answers.ts'
import type { Sliced } from '../directory/slices.ts'
import { type AgencyCode, agencyCode } from '../domain/identifiers.ts'
import { type SyncRemark, syncRemark } from './sync-remarks.ts'

/** The directory as another exchange tells it, in its own words. */
export interface ToldDirectory {
  readonly agencies: readonly ListedAgency[]
  /** Empty where it does not tell. */
  readonly qd20: readonly ListedAgencyQd20[]
  /** Empty where it does not tell. */
  readonly units: readonly SynchronizedUnit[]
}

/** An agency as the other exchange tells it, once all its lists are put together. */
export interface ToldAgency {
  readonly code: AgencyCode
  /** Other codes that it goes by there. */
  readonly spellings: readonly string[]
  readonly name: string
  /** The code there of the agency above; null: none is told; undefined: one that is not on its lists. */
  readonly above: AgencyCode | null | undefined
}

const CODE = /^[0-9A-Za-z][0-9A-Za-z._-]{0,34}$/
const SPELLING = /^[^\s\p{C}]{1,200}$/u
const LONGEST_NAME = 500
/** Of one agency: a list may repeat it as often as it likes. */
const MOST_SPELLINGS = 20
/** What stands for "nobody" where an id belongs. */
const NOBODY = new Set(['', '0', '-1'])

/** Puts the lists together. What contradicts itself there is left out, and named. */
export function* readTold(
  { agencies, qd20 }: ToldDirectory,
  tell: (remark: SyncRemark) => void,
): Sliced<ToldAgency[]> {
  const codes = yield* codesOf(qd20, tell)
  const rows: Row[] = []
  const ids = new Map<string, AgencyCode | undefined>()
  for (const entry of agencies) {
    const row = rowOf(entry, codes)
    if (row === undefined) tell(syncRemark('told-malformed', entry.code))
    else {
      rows.push(row)
      // An id that two have leads to neither.
      for (const id of new Set([entry.id, entry.code]))
        ids.set(id, ids.has(id) && ids.get(id) !== row.code ? undefined : row.code)
    }
    yield
  }
  return yield* together(rows, ids, tell)
}

interface Row extends Omit<ToldAgency, 'above'> {
  readonly pid: string
}

function rowOf(entry: ListedAgency, codes: Codes): Row | undefined {
  const given = entry.code.normalize('NFC')
  const code = codes.newOf.get(given) ?? given
  const name = entry.name.normalize('NFC').replaceAll(/\s+/g, ' ').trim()
  const isFine = CODE.test(code) && name !== '' && name.length <= LONGEST_NAME && !/\p{Cc}/u.test(name)
  if (!isFine) return undefined
  const spellings = [given, entry.oldCode ?? '', codes.oldOf.get(code) ?? ''].filter(
    (spelling) => spelling !== code && SPELLING.test(spelling),
  )
  return { code: agencyCode(code), spellings: [...new Set(spellings)], name, pid: entry.pid }
}

/** Which code of QCVN 102:2016 belongs to which of QĐ 20/2020, both ways. */
interface Codes {
  readonly newOf: ReadonlyMap<string, string>
  readonly oldOf: ReadonlyMap<string, string>
}

function* codesOf(qd20: readonly ListedAgencyQd20[], tell: (remark: SyncRemark) => void): Sliced<Codes> {
  const newOf = new Map<string, string>()
  const oldOf = new Map<string, string>()
  const shared = new Set<string>()
  for (const { code, code102 } of qd20) {
    if (code102 !== '' && code102 !== code) {
      if ((newOf.get(code102) ?? code) !== code) shared.add(code102)
      newOf.set(code102, code)
      oldOf.set(code, code102)
    }
    yield
  }
  for (const code102 of shared) {
    tell(syncRemark('told-code-of-two', code102))
    newOf.delete(code102)
  }
  return { newOf, oldOf: new Map([...oldOf].filter(([, code102]) => !shared.has(code102))) }
}

function* together(
  rows: readonly Row[],
  ids: ReadonlyMap<string, AgencyCode | undefined>,
  tell: (remark: SyncRemark) => void,
): Sliced<ToldAgency[]> {
  const told = new Map<AgencyCode, ToldAgency>()
  const contradicted = new Set<AgencyCode>()
  for (const { code, spellings, name, pid } of rows) {
    const above = NOBODY.has(pid) ? null : ids.get(pid)
    const before = told.get(code)
    if (before !== undefined && (before.name !== name || before.above !== above)) contradicted.add(code)
    const all = new Set([...(before?.spellings ?? []), ...spellings])
    told.set(code, { code, spellings: [...all].slice(0, MOST_SPELLINGS), name, above })
    yield
  }
  for (const code of contradicted) {
    tell(syncRemark('told-twice', code))
    told.delete(code)
  }
  return [...told.values()]
}
