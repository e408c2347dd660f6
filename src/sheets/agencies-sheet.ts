import { ENDPOINT_CHANNEL_IDS } from '../domain/channel-id.ts'
import type { AliasForm, ContactPoint, EndpointValue } from '../domain/directory/fact.ts'
import type { AgencyRecord } from '../domain/directory/record.ts'
import type { WhenAddressed, WhenInFlight } from '../domain/directory/succession.ts'
import type { Fault } from '../domain/fault.ts'
import { type AgencyCode, agencyCode } from '../domain/identifiers.ts'
import type { TierCode } from '../domain/tier.ts'
import {
  AGENCY_COLUMNS,
  type AgencyColumnKey,
  REACHES,
  WHEN_ADDRESSED,
  WHEN_IN_FLIGHT,
} from './agency-columns.ts'
import { breathe } from './breathe.ts'
import type { Sheet } from './cell.ts'
import { splitList } from './list-cell.ts'
import { sheetFault } from './refuse.ts'
import type { SheetLanguage } from './rule-columns.ts'
import { parseSuccessors, type Successors } from './successors-cell.ts'
import { type Column, readTable, type Table, type TableRow } from './table.ts'

/**
 * What a sheet says of one agency. A field that is left out has no column, and says nothing; null is a blank cell, and
 * says that there is none.
 */
export interface AgencyRow {
  /** Of the file, from 1. */
  readonly row: number
  readonly code: AgencyCode
  /** The day of its changes, `yyyy-MM-dd`; left out: that of the whole file. */
  readonly on?: string | undefined
  readonly name?: string | null | undefined
  readonly tier?: TierCode | null | undefined
  readonly parent?: AgencyCode | null | undefined
  readonly validFrom?: string | null | undefined
  readonly validTo?: string | null | undefined
  readonly successors?: Successors | null | undefined
  readonly whenAddressed?: WhenAddressed | undefined
  readonly whenInFlight?: WhenInFlight | undefined
  readonly basis?: string | undefined
  /** By form; those without a column are left out. */
  readonly aliases: Readonly<Partial<Record<AliasForm, readonly string[]>>>
  readonly endpoint?: EndpointValue | null | undefined
  readonly contacts?: readonly ContactPoint[] | undefined
}

export interface AgenciesRead {
  readonly agencies: readonly AgencyRow[]
  readonly faults: readonly Fault[]
  readonly addressOf: (row: number, key: AgencyColumnKey) => string
}

const COLUMNS: readonly Column<AgencyColumnKey>[] = AGENCY_COLUMNS

/** The agencies that a sheet speaks of, and everything that is wrong with its cells. Never throws. */
export async function readAgencies(sheet: Sheet): Promise<AgenciesRead> {
  const table = await readTable(sheet, COLUMNS)
  const faults = [...table.faults]
  const agencies: AgencyRow[] = []
  const groups = new Map<string, TableRow<AgencyColumnKey>[]>()
  for (const row of table.rows) {
    const { code } = row.texts
    if (code === undefined) continue
    const earlier = groups.get(code)
    if (earlier === undefined) groups.set(code, [row])
    else if (onlyContact(row)) earlier.push(row)
    else faults.push(repeated(table, row, earlier[0]!.number))
  }
  for (const rows of groups.values()) {
    await breathe(agencies.length)
    agencies.push(agencyOf(rows, table, faults))
  }
  return { agencies, faults, addressOf: table.addressOf }
}

type Texts = TableRow<AgencyColumnKey>['texts']

const CONTACT = ['contactName', 'contactPhone', 'contactEmail', 'contactAddress'] as const

const onlyContact = ({ texts }: TableRow<AgencyColumnKey>): boolean =>
  Object.keys(texts).every((key) => key === 'code' || key.startsWith('contact'))

const repeated = (
  table: Table<AgencyColumnKey>,
  { number, texts }: TableRow<AgencyColumnKey>,
  first: number,
) =>
  sheetFault(
    'agency-repeated',
    table.addressOf(number, 'code'),
    {
      vi: `Mã đã có ở dòng ${first}. Dòng thứ hai chỉ được ghi thêm đầu mối liên hệ.`,
      en: `The row ${first} has the same code. A second row may only add a contact point.`,
    },
    { found: texts.code ?? '' },
  )

function agencyOf(
  rows: readonly TableRow<AgencyColumnKey>[],
  table: Table<AgencyColumnKey>,
  faults: Fault[],
): AgencyRow {
  const { number, texts } = rows[0]!
  const { has } = table
  const orNull = <T>(key: AgencyColumnKey, value: T | undefined) =>
    has.has(key) ? (value ?? null) : undefined
  const parent = texts.parent === undefined ? undefined : agencyCode(texts.parent)
  return {
    row: number,
    code: agencyCode(texts.code ?? ''),
    on: texts.on,
    name: orNull('name', texts.name),
    tier: orNull('tier', texts.tier),
    parent: orNull('parent', parent),
    validFrom: orNull('validFrom', texts.validFrom),
    validTo: orNull('validTo', texts.validTo),
    successors: orNull(
      'successors',
      texts.successors === undefined ? undefined : parseSuccessors(texts.successors),
    ),
    endpoint: orNull('channel', endpointOf(texts)),
    contacts: has.has('contactRole') ? contactsOf(rows, table, faults) : undefined,
    whenAddressed: keyIn(WHEN_ADDRESSED, texts.whenAddressed),
    whenInFlight: keyIn(WHEN_IN_FLIGHT, texts.whenInFlight),
    basis: texts.basis,
    aliases: aliasesOf(texts, has),
  }
}

const keyIn = <K extends string>(
  table: Readonly<Record<K, unknown>>,
  text: string | undefined,
): K | undefined => (text !== undefined && Object.hasOwn(table, text) ? (text as K) : undefined)

function endpointOf({ channel, url, reaches }: Texts): EndpointValue | undefined {
  const known = ENDPOINT_CHANNEL_IDS.find((id) => id === channel)
  return known && { channel: known, url: url ?? null, reaches: keyIn(REACHES, reaches) ?? 'itself' }
}

const ALIAS_COLUMNS: Readonly<Record<AliasForm, AgencyColumnKey>> = {
  'qcvn-13': 'aliasesQcvn',
  code102: 'aliases102',
  free: 'aliasesFree',
}

export const ALIAS_FORMS = Object.keys(ALIAS_COLUMNS) as AliasForm[]
export const aliasColumn = (form: AliasForm): AgencyColumnKey => ALIAS_COLUMNS[form]

function aliasesOf(texts: Texts, has: ReadonlySet<AgencyColumnKey>): AgencyRow['aliases'] {
  const found: Partial<Record<AliasForm, readonly string[]>> = {}
  for (const form of ALIAS_FORMS) {
    const key = ALIAS_COLUMNS[form]
    if (has.has(key)) found[form] = splitList(texts[key] ?? '')
  }
  return found
}

function contactsOf(
  rows: readonly TableRow<AgencyColumnKey>[],
  { addressOf }: Table<AgencyColumnKey>,
  faults: Fault[],
): ContactPoint[] {
  const contacts: ContactPoint[] = []
  for (const { number, texts } of rows) {
    const { contactRole: role, contactName, contactPhone, contactEmail, contactAddress } = texts
    if (role === undefined && CONTACT.every((key) => texts[key] === undefined)) continue
    if (role === undefined || contacts.some((earlier) => earlier.role === role)) {
      faults.push(contactFault(addressOf(number, 'contactRole'), role))
      continue
    }
    contacts.push({
      role,
      name: contactName ?? null,
      phone: contactPhone ?? null,
      email: contactEmail ?? null,
      address: contactAddress ?? null,
    })
  }
  return contacts
}

const contactFault = (path: string, role: string | undefined): Fault =>
  role === undefined
    ? sheetFault('contact-without-role', path, {
        vi: 'Đầu mối liên hệ phải có vai trò, như văn thư.',
        en: 'A contact point must have a role, such as văn thư.',
      })
    : sheetFault(
        'contact-repeated',
        path,
        {
          vi: 'Cơ quan này đã có đầu mối với vai trò đó.',
          en: 'This agency already has a contact with this role.',
        },
        { found: role },
      )

export const agencyHeader = (language: SheetLanguage): string[] =>
  AGENCY_COLUMNS.map(({ name }) => name[language])

const CODE_ONLY: ReadonlySet<AgencyColumnKey> = new Set(['code'])

/** Agencies as rows of cells, in the order of `agencyHeader`. */
export function* agencyRows(agencies: Iterable<AgencyRecord>): Generator<string[]> {
  for (const agency of agencies) {
    const contacts = [...agency.contacts].sort((a, b) => (a.role < b.role ? -1 : 1))
    for (let index = 0; index === 0 || index < contacts.length; index += 1) {
      const contact = contacts[index]
      yield AGENCY_COLUMNS.map(({ key, show, showContact }) => {
        if (showContact !== undefined) return (contact && showContact(contact)) ?? ''
        return (index === 0 || CODE_ONLY.has(key) ? show(agency) : undefined) ?? ''
      })
    }
  }
}
