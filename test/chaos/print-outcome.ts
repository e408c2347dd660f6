import type { Outcome } from './fault.ts'
import { isSound } from './oracle-report.ts'

/** How many of a list are printed; all of them stand in the JSON. */
const MOST = 10

/** The lines of a Markdown table. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_cell, column) => Math.max(3, ...rows.map((row) => [...row[column]!].length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  const [head, ...body] = rows
  return [line(head!), rule, ...body.map(line)]
}

/** An outcome for people: what was measured, and what the oracle found, as tables of Markdown. */
export function outcomeLines({ measures, oracle }: Outcome): string[] {
  const { counts, ...lists } = oracle
  const measured = measures.map(({ name, seen, bar, met }) => [
    name,
    seen,
    bar ?? '',
    bar === null ? '' : met ? 'met' : 'MISSED',
  ])
  const found = Object.entries(lists).map(([name, list]) => [
    name,
    String(list.length),
    '0',
    list.length === 0 ? 'met' : 'MISSED',
  ])
  const told = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return [
    ...table([['', 'measured', 'bar', ''], ...measured, ...found]),
    `oracle: ${isSound(oracle) ? 'sound' : 'NOT SOUND'}; ${told.join(', ')}`,
    ...Object.entries(lists).flatMap(([name, list]) => list.slice(0, MOST).map((one) => `  ${name}: ${one}`)),
  ]
}
