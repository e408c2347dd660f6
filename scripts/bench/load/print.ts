export type Row = readonly string[]

/** A Markdown table. */
export function table(head: Row, rows: readonly Row[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => [...row[column]!].length)))
  const line = (row: Row) =>
    `| ${row.map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length)).join(' | ')} |`
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join(
    '\n',
  )
}

export const short = (value: number): string =>
  Number.isNaN(value) ? '–' : value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)

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
