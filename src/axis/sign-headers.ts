import { createHmac } from 'node:crypto'
import { type AxisHeader, HEADER_PREFIX } from './operations.ts'

const CONTROL = /\p{Cc}/u

/** Whether a text can be the value of a header: no control characters. */
export const fitsHeader = (value: string): boolean => !CONTROL.test(value)

/**
 * The headers of a request as the vendor's client writes and signs them. Texts go as UTF-8, which the values here hold
 * byte by byte (latin-1), as HTTP libraries want them.
 * @param fields in the order in which they are to be signed
 * @throws TypeError where a value holds control characters: see `fitsHeader`
 */
export function signHeaders(
  fields: Readonly<Partial<Record<AxisHeader, string>>>,
  secret: string,
): Record<string, string> {
  const entries = Object.entries(fields)
  const unfit = entries.find(([, value]) => !fitsHeader(value))
  if (unfit) throw new TypeError(`${unfit[0]} cannot be a header`)
  const named = entries.map(([name, value]) => [HEADER_PREFIX + name, value] as const)
  const signed = JSON.stringify(Object.fromEntries(named))
  const all = [
    ...named,
    [`${HEADER_PREFIX}sign-header-key`, entries.map(([name]) => name).join(';')],
    [`${HEADER_PREFIX}sign-header`, signed],
    [`${HEADER_PREFIX}hash-header`, createHmac('sha256', secret).update(signed, 'utf8').digest('hex')],
  ] as const
  return Object.fromEntries(all.map(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]))
}
