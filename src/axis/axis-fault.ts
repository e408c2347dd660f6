import type { AxisFailure, AxisFailureKind } from './client-types.ts'

const LONGEST_DETAIL = 1000

/** PostgreSQL keeps neither U+0000 nor half a character, which is also what is left where a text is cut. */
const NOT_KEPT = /[\0\p{Cs}]/gu

/** A text that can be kept, whatever another side wrote. */
export const storable = (text: string): string => text.replace(NOT_KEPT, ' ')

/** One line for people out of whatever another side wrote. */
export const oneLine = (text: string): string =>
  storable(
    text
      .slice(0, 4 * LONGEST_DETAIL)
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
      .trim()
      .slice(0, LONGEST_DETAIL),
  ).trim()

/** What is wrong with an answer; within this folder alone, where it becomes an `AxisFailure`. */
export class AxisFault extends Error {
  readonly kind: AxisFailureKind
  readonly code: string

  constructor(kind: AxisFailureKind, detail: string, code = '') {
    super(oneLine(detail))
    this.name = 'AxisFault'
    this.kind = kind
    this.code = code
  }
}

export const isSuccess = (httpStatus: number): boolean => httpStatus >= 200 && httpStatus < 300

/** Codes of undici that mean that the other side took too long. */
const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
])

/** @param mayHaveLeft whether a byte of the request may have left before it failed */
export function failureOf(error: unknown, mayHaveLeft: boolean, httpStatus: number | undefined): AxisFailure {
  const told = { mayHaveLeft, ...(httpStatus !== undefined && { httpStatus }) }
  if (error instanceof AxisFault) {
    const isPageOfProxy = error.kind === 'not-json' && httpStatus !== undefined && !isSuccess(httpStatus)
    return isPageOfProxy
      ? { ...told, kind: 'http', code: '', detail: oneLine(`HTTP ${httpStatus}: ${error.message}`) }
      : { ...told, kind: error.kind, code: error.code, detail: error.message }
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const detail = oneLine([code, error instanceof Error ? error.message : String(error)].join(' '))
  return { ...told, kind: TIMEOUTS.has(code) ? 'timeout' : 'unreachable', code: '', detail }
}
