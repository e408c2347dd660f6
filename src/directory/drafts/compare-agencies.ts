import type { Act } from '../../domain/directory/act.ts'
import type { AgencyRecord } from '../../domain/directory/record.ts'
import type { Fault } from '../../domain/fault.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { AgenciesRead, AgencyRow } from '../../sheets/agencies-sheet.ts'
import type { AgencyColumnKey } from '../../sheets/agency-columns.ts'
import { breathe } from '../../sheets/breathe.ts'
import { sheetFault } from '../../sheets/refuse.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { type Closing, closingActs } from './closing-acts.ts'
import { comparePast, type Disagreement } from './compare-past.ts'
import { establishActs } from './establish-acts.ts'
import { aliasActs, contactActs, endpointActs, type Placed, placeActs } from './field-acts.ts'
import { sheetRecord } from './sheet-record.ts'

export interface ComparisonWishes {
  /** The day of the changes, `yyyy-MM-dd`, Vietnam, where a row names none. */
  readonly on: string
  /** Closes every agency that is open on that day and has no row. */
  readonly closeMissing?: boolean
}

export interface Comparison {
  /** What would make the directory say what the sheet says; empty where it already does. */
  readonly acts: readonly Act[]
  readonly faults: readonly Fault[]
  /** How many acts close agencies only because they have no row. */
  readonly closedAsMissing: number
  /** The cell from which an act came, by the JSON pointer of it or of a part of it, such as `#/content/3/parent`. */
  readonly addressOf: (path: string) => string | undefined
}

/**
 * What distinguishes a sheet of agencies from the directory, as acts. Rows that are left out change nothing, and so do
 * columns that are left out; a blank cell says that there is none.
 */
export async function compareAgencies(
  snapshot: DirectorySnapshot,
  { agencies, addressOf, faults: unread }: AgenciesRead,
  { on, closeMissing = false }: ComparisonWishes,
): Promise<Comparison> {
  const sorted: Sorted = { established: [], ended: [], changed: [], closings: [], faults: [...unread] }
  for (const [index, row] of agencies.entries()) {
    await breathe(index)
    sortRow(snapshot, row, row.on ?? on, sorted, addressOf)
  }
  const missing = closeMissing ? missingOn(snapshot, agencies, on) : []
  const placed: Placed[] = [
    ...establishActs(sorted.established),
    ...sorted.ended,
    ...sorted.changed,
    ...closingActs(sorted.closings),
    ...missing.map((code): Placed => ({ act: { act: 'close', on, code, successor: null } })),
  ]
  return {
    acts: placed.map(({ act }) => act),
    faults: sorted.faults,
    closedAsMissing: missing.length,
    addressOf: (path) => {
      const [, index, field = ''] = /\/(\d+)(?:\/(\w+))?/.exec(path) ?? []
      const found = placed[Number(index)]
      if (found?.row === undefined) return undefined
      return addressOf(found.row, COLUMN_OF_FIELD[field] ?? found.column ?? 'code')
    },
  }
}

/** Columns of the fields of acts, where it is not plain from the act. */
const COLUMN_OF_FIELD: Readonly<Record<string, AgencyColumnKey>> = {
  name: 'name',
  tier: 'tier',
  parent: 'parent',
  successor: 'successors',
  into: 'successors',
  main: 'successors',
}

/** By the order in which they are carried out: who is new first, whoever closes last. */
interface Sorted {
  readonly established: { readonly row: AgencyRow; readonly on: string }[]
  /** Aliases and contacts that end, so that others may have them. */
  readonly ended: Placed[]
  readonly changed: Placed[]
  readonly closings: Closing[]
  readonly faults: Fault[]
}

function sortRow(
  snapshot: DirectorySnapshot,
  row: AgencyRow,
  on: string,
  sorted: Sorted,
  addressOf: AgenciesRead['addressOf'],
): void {
  const record = sheetRecord(snapshot, row.code, on)
  const objections = snapshot.isGroup(row.code) ? [OF_GROUP] : objectionsTo(row, record, on)
  for (const { code, column, vi, en } of objections)
    sorted.faults.push(sheetFault(code, addressOf(row.row, column), { vi, en }, { found: row.code }))
  if (objections.length > 0) return
  if (record === undefined) establish(row, on, sorted)
  else if (record.open || record.validFrom > on)
    change(row, record, record.validFrom > on ? record.validFrom : on, sorted)
}

const OF_GROUP: Disagreement = {
  code: 'code-of-group',
  column: 'code',
  vi: 'Đây là mã của một nhóm nơi nhận.',
  en: 'This is the code of an address group.',
}

function objectionsTo(row: AgencyRow, record: AgencyRecord | undefined, on: string): Disagreement[] {
  const isMissing = (text: string | null | undefined) =>
    text === null || (text === undefined && record === undefined)
  const column = isMissing(row.name) ? 'name' : isMissing(row.tier) ? 'tier' : undefined
  if (column !== undefined)
    return [
      { code: 'agency-incomplete', column, vi: 'Cần có tên và cấp.', en: 'It needs a name and a tier.' },
    ]
  return record === undefined ? [] : comparePast(row, record, on)
}

function establish(row: AgencyRow, on: string, sorted: Sorted): void {
  const from = row.validFrom ?? on
  sorted.established.push({ row, on: from })
  sorted.changed.push(...contactActs(row, [], from).added, ...endpointActs(row, null, from))
  addClosing(row, sorted)
}

function change(row: AgencyRow, record: AgencyRecord, on: string, sorted: Sorted): void {
  const contacts = contactActs(row, record.contacts, on)
  const aliases = aliasActs(row, record.aliases, on)
  sorted.ended.push(...aliases.ended, ...contacts.ended)
  sorted.changed.push(
    ...placeActs(row, record, on),
    ...aliases.added,
    ...contacts.added,
    ...endpointActs(row, record.endpoint, on),
  )
  if (record.validTo === null) addClosing(row, sorted)
}

function addClosing(row: AgencyRow, { closings }: Sorted): void {
  if (typeof row.validTo === 'string') closings.push({ row, on: row.validTo })
}

function missingOn(snapshot: DirectorySnapshot, rows: readonly AgencyRow[], day: string): AgencyCode[] {
  const named = new Set(rows.map(({ code }) => code))
  return [...snapshot.codes()].sort().filter((code) => {
    if (named.has(code) || snapshot.isGroup(code)) return false
    return snapshot.fact(code, 'existence', day)?.validTo === null
  })
}
