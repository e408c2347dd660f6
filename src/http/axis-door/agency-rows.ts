import type { ListedAgency, ListedAgencyQd20, SynchronizedUnit } from '../../axis/answers.ts'
import { latestRevisionOf } from '../../directory/snapshot/record-on.ts'
import type { DirectorySnapshot } from '../../directory/snapshot/snapshot.ts'
import { holdsOn } from '../../domain/directory/fact.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'

/** The three forms in which clients ask for the directory. Codes stand for ids: they are unique and stay. */
export interface AgencyRows {
  readonly getAgenciesList: ListedAgency
  readonly getAgenciesListQD20: ListedAgencyQd20
  readonly getSynchronizeUnit: SynchronizedUnit
}

export type ListName = keyof AgencyRows

export interface Line {
  readonly directory: DirectorySnapshot
  /** Of an agency; a group's is on no list. */
  readonly code: AgencyCode
  /** `yyyy-MM-dd`, Vietnam. */
  readonly day: string
}

/**
 * One row of each list; undefined for who is not on it: the first two name who is open on the day, the third also who
 * has closed by then. No field of a row is ever null.
 */
export const AGENCY_ROWS: { readonly [Name in ListName]: (line: Line) => AgencyRows[Name] | undefined } = {
  getAgenciesList: (line) => {
    const { directory, code, day } = line
    const agency = directory.isOpen(code, day) ? directory.agency(code, day) : undefined
    if (agency === undefined) return undefined
    const old = code102(line)
    return {
      id: code,
      pid: openAbove(line, agency.parent),
      code,
      name: agency.name,
      mail: mailOf(line),
      ...(old !== '' && { oldCode: old }),
    }
  },
  getAgenciesListQD20: (line) => {
    const { directory, code, day } = line
    const agency = directory.isOpen(code, day) ? directory.agency(code, day) : undefined
    return agency && { id: code, code, name: agency.name, mail: mailOf(line), code102: code102(line) }
  },
  getSynchronizeUnit: (line) => {
    const { directory, code, day } = line
    const existence = directory.nearest(code, 'existence', day)
    const agency = directory.agency(code, day)
    if (agency === undefined || existence === undefined || existence.validFrom > day) return undefined
    return {
      id: code,
      pid: agency.parent ?? '',
      code,
      name: agency.name,
      mail: mailOf(line),
      version: latestRevisionOf(directory.factsOf(code)),
      centerCode: '',
      deleted: !holdsOn(existence, day),
      modifyDate: lastChange(line).replaceAll('-', '/'),
      isAgency: true,
    }
  },
}

/** Who is above and on the list itself: a client that builds a tree of it looks for every `pid`. */
function openAbove({ directory, code, day }: Line, parent: AgencyCode | null): string {
  if (parent === null || directory.isOpen(parent, day)) return parent ?? ''
  return directory.ancestors(code, day).find((above) => directory.isOpen(above, day)) ?? ''
}

/** The code as packets of QCVN 102:2016 spell it, with level 1 on the right; empty where it has none. */
function code102({ directory, code, day }: Line): string {
  const found = { code102: '', 'qcvn-13': '', free: '' }
  for (const fact of directory.factsOf(code)) {
    if (fact.kind !== 'alias' || !holdsOn(fact, day)) continue
    const { form, alias } = fact.value
    // Facts are in no particular order, and answers are the same in every process.
    if (found[form] === '' || alias < found[form]) found[form] = alias
  }
  return found.code102 || found['qcvn-13']
}

/** Of the first role that has one, in the order of their names. */
function mailOf({ directory, code, day }: Line): string {
  let mail = ''
  let of: string | undefined
  for (const fact of directory.factsOf(code)) {
    if (fact.kind !== 'contact' || fact.value.email === null || !holdsOn(fact, day)) continue
    if (of !== undefined && of < fact.value.role) continue
    of = fact.value.role
    mail = fact.value.email
  }
  return mail
}

/** The latest day by then on which anything began or ended. */
function lastChange({ directory, code, day }: Line): string {
  let last = ''
  for (const { validFrom, validTo } of directory.factsOf(code)) {
    if (validFrom <= day && validFrom > last) last = validFrom
    if (validTo !== null && validTo <= day && validTo > last) last = validTo
  }
  return last
}
