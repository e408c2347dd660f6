const MS_PER_DAY = 86_400_000
const MINUTES_PER_DAY = 1_440
/** Excel counts a 29 February 1900 that never was: before it every serial is a day off. */
const FIRST_TRUE_SERIAL = 61
/** Day 0 of both ways to count (ECMA-376 part 1 §18.17.4.1). */
const EPOCH_1900 = Date.UTC(1899, 11, 30)
const EPOCH_1904 = Date.UTC(1904, 0, 1)

/** `yyyy-MM-dd` of a serial number of Excel; undefined for one with a time of day, or out of 1900 to 2199. */
export function dayOfSerial(serial: number, date1904: boolean): string | undefined {
  if (!Number.isInteger(serial) || serial < (date1904 ? 0 : FIRST_TRUE_SERIAL) || serial > 110_000)
    return undefined
  const day = new Date((date1904 ? EPOCH_1904 : EPOCH_1900) + serial * MS_PER_DAY).toISOString().slice(0, 10)
  return existing(day)
}

/** `HH:mm` of a fraction of a day, as Excel keeps times; undefined where it is none, or has seconds. */
export function timeOfFraction(fraction: number): string | undefined {
  const exact = fraction * MINUTES_PER_DAY
  const minutes = Math.round(exact)
  if (fraction < 0 || minutes >= MINUTES_PER_DAY || Math.abs(exact - minutes) > 0.01) return undefined
  const pad = (number: number) => String(number).padStart(2, '0')
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
}

/** `yyyy-MM-dd` of a day that exists, written so or as `dd/MM/yyyy`, both digits of day and month given. */
export function parseDay(text: string): string | undefined {
  const [, day, month, year] = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(text) ?? []
  return existing(day === undefined ? text : `${year}-${month}-${day}`)
}

function existing(text: string): string | undefined {
  if (!/^(19|20|21)\d\d-\d\d-\d\d$/.test(text)) return undefined
  const instant = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text) ? text : undefined
}
