import type { AxisHeader } from '../../axis/operations.ts'
import { readAxisDate, readTo } from '../../axis/request-values.ts'
import type { AxisMessageType } from '../../domain/axis/arrival.ts'
import { GatewayError } from '../../domain/problem.ts'
import { dayAfter } from '../../domain/vietnam-time.ts'
import type { Asking } from './asking.ts'

type Signed = Asking['signed']

/** A header that an operation cannot do without. @throws GatewayError `request-invalid` */
export function requiredField(signed: Signed, name: AxisHeader): string {
  const value = signed.get(name)?.trim() ?? ''
  if (value === '') throw invalid(name, undefined, 'Thiếu tiêu đề này.', 'This header is missing.')
  return value
}

/** Which packets are meant: documents where nothing is said. @throws GatewayError `request-invalid` */
export function messageType(signed: Signed): AxisMessageType {
  const value = signed.get('messagetype')?.trim().toLowerCase() || 'edoc'
  if (value === 'edoc' || value === 'status') return value
  throw invalid('messagetype', value, 'Chỉ edoc hoặc status.', 'Only edoc or status.')
}

/** From the beginning of a day until the end of one, both Vietnam's and inclusive. */
export interface Days {
  readonly since: Date | null
  readonly before: Date | null
}

/** @throws GatewayError `request-invalid` */
export function days(signed: Signed): Days {
  const from = dayOf(signed, 'fromDate')
  const to = dayOf(signed, 'toDate')
  return {
    since: from === null ? null : midnight(from),
    before: to === null ? null : midnight(dayAfter(to, 1)),
  }
}

const midnight = (day: string): Date => new Date(`${day}T00:00:00+07:00`)

/** The interface fixes no form: `yyyy/MM/dd` and `dd/MM/yyyy` are both seen. */
function dayOf(signed: Signed, name: AxisHeader): string | null {
  const text = signed.get(name)?.trim() ?? ''
  if (text === '') return null
  const day = readAxisDate(text)
  if (day === undefined) throw invalid(name, text, 'Ngày dạng yyyy/MM/dd.', 'A day as yyyy/MM/dd.')
  return day
}

/** For whom a packet is handed in; undefined where it is for everybody in To. @throws GatewayError `request-invalid` */
export function handedInFor(signed: Signed): readonly string[] | undefined {
  const text = signed.get('to') ?? ''
  const codes = readTo(text)
  if (codes === undefined)
    throw invalid('to', text.slice(0, 200), 'Mảng JSON các mã cơ quan.', 'A JSON array of codes of agencies.')
  return codes.length === 0 ? undefined : codes
}

export const invalid = (name: AxisHeader, found: string | undefined, vi: string, en: string): GatewayError =>
  new GatewayError('request-invalid', {
    faults: [
      {
        code: 'header-invalid',
        severity: 'error',
        path: `XroadVnpt-${name}`,
        ...(found !== undefined && { found }),
        hint: { vi, en },
      },
    ],
  })
