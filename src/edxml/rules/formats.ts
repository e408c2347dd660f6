import { businessOperationFromWire } from '../../domain/business-operation.ts'
import { isStatusCode } from '../../domain/status-code.ts'
import type { FaultCode } from '../fault-catalogue.ts'

export type FormatId =
  | 'date'
  | 'timestamp'
  | 'integer'
  | 'flag'
  | 'priority'
  | 'agency'
  | 'trace-agency'
  | 'status-code'
  | 'business-type'
  | 'receiver-type'

export interface FormatRow {
  /** Told in the fault. */
  readonly expected: string
  readonly check: (text: string) => FaultCode | undefined
}

const when =
  (code: FaultCode, wrong: (text: string) => boolean) =>
  (text: string): FaultCode | undefined =>
    wrong(text) ? code : undefined

const DATE = /^(\d{4})\/(\d{2})\/(\d{2})$/
const TIMESTAMP = /^(\d{4}\/\d{2}\/\d{2}) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/

/** `yyyy/MM/dd`, and a day that exists. */
export function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text)?.map(Number) ?? []
  if (year === undefined || month === undefined || day === undefined) return false
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

const isTimestamp = (text: string): boolean => isDate(TIMESTAMP.exec(text)?.[1] ?? '')

/** A whole number that JavaScript holds exactly; undefined for anything else. */
export function integerOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
}

const isNull = (text: string): boolean => text.toLowerCase() === 'null'

/** Agency codes come in two shapes and in free forms of test systems: only what no directory can hold is refused. */
function checkAgency(text: string): FaultCode | undefined {
  if (isNull(text)) return 'agency-code-null'
  return /[\s\p{C}]/u.test(text) ? 'agency-code-malformed' : undefined
}

function checkStatusCode(text: string): FaultCode | undefined {
  if (!/^\d\d$/.test(text)) return 'status-code-malformed'
  return isStatusCode(text) ? undefined : 'status-code-unknown'
}

/** BussinessDocType: one digit as on the wire. */
export const businessOperationOf = (text: string) =>
  /^\d$/.test(text) ? businessOperationFromWire(Number(text)) : undefined

export const FORMATS: Record<FormatId, FormatRow> = {
  date: { expected: 'yyyy/MM/dd', check: when('date-malformed', (text) => !isDate(text)) },
  timestamp: {
    expected: 'yyyy/MM/dd HH:mm:ss',
    check: when('timestamp-malformed', (text) => !isTimestamp(text)),
  },
  integer: {
    expected: '0, 1, 2, …',
    check: when('integer-malformed', (text) => integerOf(text) === undefined),
  },
  flag: { expected: '0 | 1', check: when('flag-malformed', (text) => !/^[01]$/.test(text)) },
  priority: {
    expected: '0 | 1 | 2 | 3 | 4',
    check: when('priority-unknown', (text) => !/^[0-4]$/.test(text)),
  },
  agency: { expected: 'H37.02 (QĐ 20/2020/QĐ-TTg)', check: checkAgency },
  'trace-agency': { expected: 'H37.02', check: when('trace-agency-null', isNull) },
  'status-code': { expected: '01 | 02 | 03 | 04 | 05 | 06 | 13 | 15 | 16', check: checkStatusCode },
  'business-type': {
    expected: '0 | 1 | 2 | 3',
    check: when('business-type-unknown', (text) => businessOperationOf(text) === undefined),
  },
  'receiver-type': {
    expected: '0 | 1',
    check: when('receiver-type-unknown', (text) => !/^[01]$/.test(text)),
  },
}
