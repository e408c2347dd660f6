import { table } from '../../markdown-table.ts'

/** A figure with as many digits as say something; whole ones as they are. */
export function short(value: number): string {
  if (Number.isNaN(value)) return '–'
  if (Number.isInteger(value)) return String(value)
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)
}

/** What was asked for and what was measured; without a bar it is only told. */
export interface Bar {
  readonly name: string
  readonly measured: number
  readonly bar: string
  readonly met: boolean | null
}

export const bar = (name: string, measured: number, met: boolean | null, asked: string): Bar => ({
  name,
  measured,
  bar: asked,
  met,
})

const VERDICTS = new Map([
  [true, 'met'],
  [false, 'MISSED'],
  [null, ''],
])

export const barTable = (bars: readonly Bar[]): string =>
  table(
    ['', 'measured', 'bar', ''],
    bars.map((one) => [one.name, short(one.measured), one.bar, VERDICTS.get(one.met)!]),
  )
