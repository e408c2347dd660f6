import { CHANNELS, type ChannelId } from '../domain/channel-id.ts'
import type { Fault } from '../domain/fault.ts'
import { type AgencyCode, agencyCode } from '../domain/identifiers.ts'
import type { QuietHours, TableRule } from '../domain/routing-rule.ts'
import { urgencyOf } from '../domain/urgency.ts'
import type { Sheet } from './cell.ts'
import { splitList } from './list-cell.ts'
import { sheetFault } from './refuse.ts'
import { RULE_COLUMNS, type RuleColumnKey, type SheetLanguage } from './rule-columns.ts'
import { type Column, readTable, type Table, type TableRow } from './table.ts'

export interface RulesRead {
  /** In the order of their rows. Not to be used where there are faults. */
  readonly rules: readonly TableRule[]
  readonly faults: readonly Fault[]
  /** The address of the cell that a JSON pointer such as `#/content/3/channel` speaks of; undefined for any other. */
  readonly addressOf: (path: string) => string | undefined
}

const COLUMNS: readonly Column<RuleColumnKey>[] = RULE_COLUMNS

/** The routing table that a sheet holds, and everything that is wrong with its cells. Never throws. */
export async function readRules(sheet: Sheet): Promise<RulesRead> {
  const table = await readTable(sheet, COLUMNS)
  const faults = [...table.faults, ...repeatedIds(table), ...partialQuietHours(table)]
  return { rules: table.rows.map(ruleOf), faults, addressOf: (path) => addressIn(table, path) }
}

type Texts = TableRow<RuleColumnKey>['texts']

function ruleOf({ texts }: TableRow<RuleColumnKey>): TableRule {
  const { fallback, maxBytes, urgencyAtLeast } = texts
  const quietHours = quietHoursOf(texts)
  return {
    id: texts.id ?? '',
    ...codes(texts),
    ...plain(texts),
    channel: channelOf(texts.channel) ?? 'mailbox',
    ...(urgencyAtLeast !== undefined && { urgencyAtLeast: urgencyOf(Number(urgencyAtLeast)) }),
    ...(fallback !== undefined && { fallback: splitList(fallback).flatMap((text) => channelOf(text) ?? []) }),
    ...(quietHours !== undefined && { quietHours }),
    ...(maxBytes !== undefined && { maxBytes: Number(maxBytes) }),
  }
}

const CODES = ['recipient', 'under', 'sender', 'senderUnder', 'gateway'] as const
const PLAIN = ['tier', 'documentType', 'validFrom', 'validTo', 'comment'] as const

function codes(texts: Texts): Partial<Record<(typeof CODES)[number], AgencyCode>> {
  const found: Partial<Record<(typeof CODES)[number], AgencyCode>> = {}
  for (const key of CODES) if (texts[key] !== undefined) found[key] = agencyCode(texts[key])
  return found
}

function plain(texts: Texts): Partial<Record<(typeof PLAIN)[number], string>> {
  const found: Partial<Record<(typeof PLAIN)[number], string>> = {}
  for (const key of PLAIN) if (texts[key] !== undefined) found[key] = texts[key]
  return found
}

const channelOf = (text: string | undefined): ChannelId | undefined =>
  text !== undefined && Object.hasOwn(CHANNELS, text) ? (text as ChannelId) : undefined

function quietHoursOf({ quietFrom, quietTo, quietPassedFrom }: Texts): QuietHours | undefined {
  if (quietFrom === undefined || quietTo === undefined || quietPassedFrom === undefined) return undefined
  return { from: quietFrom, to: quietTo, passedFrom: urgencyOf(Number(quietPassedFrom)) }
}

function repeatedIds({ rows, addressOf }: Table<RuleColumnKey>): Fault[] {
  const first = new Map<string, number>()
  return rows.flatMap(({ number, texts: { id } }) => {
    const earlier = id === undefined ? undefined : first.get(id)
    if (id !== undefined && earlier === undefined) first.set(id, number)
    if (id === undefined || earlier === undefined) return []
    const hint = {
      vi: `Mã quy tắc đã có ở ô ${addressOf(earlier, 'id')}.`,
      en: `The cell ${addressOf(earlier, 'id')} has the same rule id.`,
    }
    return [sheetFault('rule-repeated', addressOf(number, 'id'), hint, { found: id })]
  })
}

const QUIET = ['quietFrom', 'quietTo', 'quietPassedFrom'] as const

function partialQuietHours({ rows, addressOf }: Table<RuleColumnKey>): Fault[] {
  return rows.flatMap(({ number, texts }) => {
    const missing = QUIET.filter((key) => texts[key] === undefined)
    if (missing.length === 0 || missing.length === QUIET.length) return []
    const hint = {
      vi: 'Giờ nghỉ cần đủ ba cột: từ, đến, và không nghỉ từ độ khẩn nào.',
      en: 'Quiet hours need all three columns: from, to, and the urgency that does not wait.',
    }
    return [sheetFault('quiet-hours-incomplete', addressOf(number, missing[0]!), hint)]
  })
}

const COLUMN_OF_PART: Readonly<Record<string, RuleColumnKey>> = {
  'quietHours/from': 'quietFrom',
  'quietHours/to': 'quietTo',
  'quietHours/passedFrom': 'quietPassedFrom',
  quietHours: 'quietFrom',
}

function addressIn(table: Table<RuleColumnKey>, path: string): string | undefined {
  const [, index, field = 'id'] = /\/(\d+)(?:\/(.*))?$/.exec(path) ?? /\/(\d+)\/(.*)$/.exec(path) ?? []
  const row = table.rows[Number(index)]
  if (row === undefined) return undefined
  const name = COLUMN_OF_PART[field] ?? field.split('/')[0]
  const key = RULE_COLUMNS.find((column) => column.key === name)?.key ?? 'id'
  return table.addressOf(row.number, key)
}

export const ruleHeader = (language: SheetLanguage): string[] =>
  RULE_COLUMNS.map(({ name }) => name[language])

/** The rules as rows of cells, in the order of `ruleHeader`. */
export function* ruleRows(rules: Iterable<TableRule>, language: SheetLanguage): Generator<string[]> {
  for (const rule of rules) yield RULE_COLUMNS.map(({ show }) => show(rule, language) ?? '')
}
