/** One thing that was measured, and the bar that it must stay under; null where it is only told. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: 'µs' | 'ms' | 's' | 'MiB' | '%' | ''
  readonly bar: number | null
}

export const figure = (
  name: string,
  value: number,
  unit: Figure['unit'],
  bar: number | null = null,
): Figure => ({ name, value, unit, bar })

/** The value below which a part of the sample lies; NaN of an empty one, which misses every bar. */
export function quantile(sample: ArrayLike<number>, part: number): number {
  const sorted = Float64Array.from(sample).sort()
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}

export const median = (sample: ArrayLike<number>): number => quantile(sample, 0.5)

const isMet = ({ value, bar }: Figure): boolean => bar === null || value < bar

/** Prints figures as a Markdown table. @returns whether every bar is met */
export function tell(figures: readonly Figure[]): boolean {
  const rows = figures.map((one) => [
    one.name,
    `${written(one.value)} ${one.unit}`.trim(),
    one.bar === null ? '' : `< ${written(one.bar)} ${one.unit}`.trim(),
    one.bar === null ? '' : isMet(one) ? 'met' : 'MISSED',
  ])
  const all = [['', 'measured', 'bar', ''], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(4, ...all.map((row) => [...row[column]!].length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length)).join(' | ')} |`
  const [head, ...body] = all
  console.log(line(head!))
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  for (const row of body) console.log(line(row))
  return figures.every(isMet)
}

const written = (value: number): string =>
  Number.isInteger(value) ? String(value) : value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0)
