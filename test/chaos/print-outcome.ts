import type { Measure, Outcome } from './fault.ts'
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

const verdictOf = ({ bar, met, tested }: Measure): string => {
  if (tested === false) return 'NOT TESTED'
  return bar === null ? '' : met ? 'met' : 'MISSED'
}

const noneOf = (name: string, count: number): string[] => [
  name,
  String(count),
  '0',
  count === 0 ? 'met' : 'MISSED',
]

/** An outcome for people: what was measured, and what the oracle found, as tables of Markdown. */
export function outcomeLines({ measures, oracle }: Outcome): string[] {
  const { counts, ...lists } = oracle
  const { intended, accepted, recovered, named, delivered, waiting, failed, recalled } = counts
  const measured = measures.map((one) => [one.name, one.seen, one.bar ?? '', verdictOf(one)])
  const found = [
    ...Object.entries(lists).map(([name, list]) => noneOf(name, list.length)),
    noneOf('failed', failed),
    noneOf('waiting at the end', waiting),
  ]
  return [
    ...table([['', 'measured', 'bar', ''], ...measured, ...found]),
    `oracle: ${isSound(oracle) ? 'sound' : 'NOT SOUND'}; ${intended} documents and statuses intended, ${accepted} accepted, ${recovered} recovered`,
    `their receipts name ${named} deliveries = ${delivered} delivered + ${waiting} waiting + ${failed} failed + ${recalled} recalled`,
    ...Object.entries(lists).flatMap(([name, list]) => list.slice(0, MOST).map((one) => `  ${name}: ${one}`)),
  ]
}
