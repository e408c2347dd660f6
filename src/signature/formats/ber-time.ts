import { type Ber, isUniversal, TAG } from './ber.ts'

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:[.,](\d{1,18}))?)?)?(Z|[+-]\d{4})$/

/** UTCTime or GeneralizedTime (X.680 §46, §47); undefined where it is neither, names no zone or no day that exists. */
export function dateOf(node: Ber | undefined): Date | undefined {
  const text = textOf(node)
  if (isUniversal(node, TAG.utcTime)) {
    const [, year, month, day, hour, minute, second = '0', zone] = UTC_TIME.exec(text) ?? []
    if (zone === undefined) return undefined
    // RFC 5280 §4.1.2.5.1: two digits stand for 1950 to 2049.
    const full = Number(year) + (Number(year) < 50 ? 2000 : 1900)
    return instant([full, Number(month), Number(day), Number(hour), Number(minute), Number(second)], 0, zone)
  }
  if (!isUniversal(node, TAG.generalizedTime)) return undefined
  const [, year, month, day, hour, minute = '0', second = '0', fraction, zone] =
    GENERALIZED_TIME.exec(text) ?? []
  if (zone === undefined) return undefined
  const milliseconds = Number((fraction ?? '').padEnd(3, '0').slice(0, 3))
  return instant([year, month, day, hour, minute, second].map(Number), milliseconds, zone)
}

/** The digits of a GeneralizedTime after the second, as written: more may stand there than a Date can hold. */
export const fractionOf = (node: Ber | undefined): string =>
  isUniversal(node, TAG.generalizedTime) ? (GENERALIZED_TIME.exec(textOf(node))?.[7] ?? '') : ''

const textOf = (node: Ber | undefined): string =>
  node === undefined || node.content.length > 64 ? '' : Buffer.from(node.content).toString('latin1')

function instant(parts: readonly number[], milliseconds: number, zone: string): Date | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds))
  if (year < 100) local.setUTCFullYear(year)
  const exists = local.getUTCMonth() === month - 1 && local.getUTCDate() === day
  if (!exists || hour > 23 || minute > 59 || second > 59) return undefined
  return new Date(local.getTime() - offsetOf(zone))
}

/** In milliseconds. */
function offsetOf(zone: string): number {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
