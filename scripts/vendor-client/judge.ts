import type { Told } from './java.ts'

/** What a call is expected to give: each field equal, matched by an expression, or judged by a function. */
export type Expected = Readonly<Record<string, ExpectedValue>>
type ExpectedValue = string | number | boolean | null | RegExp | ((value: unknown) => boolean)

export const OK: Expected = { status: 'OK', ErrorCode: '0' }
/** A refusal with this code, whose text names Tram's own code and is Vietnamese with its diacritics. */
export const refused = (ErrorCode: string, problem: string, more: Expected = {}): Expected => ({
  status: 'FAIL',
  ErrorCode,
  ErrorDesc: new RegExp(`[ạảấầẩẫậắằẳẵặẹẻếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựđ].*\\[${problem}\\]`, 's'),
  ...more,
})

/** Fields that the client never fills for an operation, whatever the answer is. */
const NEVER_FILLED: Readonly<Record<string, readonly string[]>> = {
  downloadEdoc: ['ErrorDesc'],
  // Only a getEdoc that succeeds and names a folder writes a file.
  getEdoc: ['data', 'file'],
  getAgenciesList: ['oldCode', 'code102'],
  getAgenciesListQD20: ['pid', 'oldCode'],
}
/** Lists are null in the client's objects after every refusal: it looks at the code first. */
const LIST = 'data'
/** What becomes of text that somebody decoded wrongly. */
const SPOILT = /\ufffd|Ã[\u0080-\u00bf]|á[º»]|\?{2,}/

/** What is wrong with what a call came to; empty where nothing is. */
export function differences(operation: string, told: Told, expected: Expected): string[] {
  const { result, thrown, printed } = told
  const broken = [
    ...(thrown === null ? [] : [`the client threw ${thrown}`]),
    ...(printed === null ? [] : [`the client printed ${printed.split('\n', 1)[0]}`]),
  ]
  if (result === null) return [...broken, 'the client gives no result']
  const wrong = Object.entries(expected)
    .filter(([name, value]) => !fits(result[name], value))
    .map(([name, value]) => `${name} is ${shown(result[name])}, not ${shown(value)}`)
  if (wrong.length > 0) wrong.push(`ErrorDesc: ${shown(result.ErrorDesc)}`)
  return [...broken, ...wrong, ...nulls(operation, result), ...spoilt(result)]
}

function fits(found: unknown, expected: ExpectedValue): boolean {
  if (typeof expected === 'function') return expected(found)
  if (expected instanceof RegExp) return typeof found === 'string' && expected.test(found)
  return found === expected
}

function nulls(operation: string, result: NonNullable<Told['result']>): string[] {
  const allowed = new Set(NEVER_FILLED[operation])
  if (result.ErrorCode !== '0') allowed.add(LIST)
  return nullsIn(result, '', allowed)
}

function nullsIn(value: object, path: string, allowed: ReadonlySet<string>): string[] {
  return Object.entries(value).flatMap(([name, field]: [string, unknown]) => {
    if (field === null) return allowed.has(name) ? [] : [`${path}${name} is null`]
    return typeof field === 'object' ? nullsIn(field, `${path}${name}.`, allowed) : []
  })
}

const spoilt = (result: NonNullable<Told['result']>): string[] =>
  SPOILT.test(JSON.stringify(result)) ? ['text is spoilt'] : []

const MOST_SHOWN = 400

function shown(value: unknown): string {
  const text = value instanceof RegExp || typeof value === 'function' ? String(value) : JSON.stringify(value)
  return (text ?? 'missing').slice(0, MOST_SHOWN)
}
