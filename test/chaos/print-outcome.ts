import { table } from '../../scripts/markdown-table.ts'
import { type Measure, noneOf, type Outcome } from './fault.ts'
import { isSound } from './oracle-report.ts'

/** How many of a list are printed; all of them stand in the JSON. */
const MOST = 10

const verdictOf = ({ bar, met, tested }: Measure): string => {
  if (tested === false) return 'NOT TESTED'
  if (!met) return 'MISSED'
  return bar === null ? '' : 'met'
}

/** What a trial measured, as a table of Markdown. */
export const measureTable = (measures: readonly Measure[]): string =>
  table(
    ['', 'measured', 'bar', ''],
    measures.map((one) => [one.name, one.seen, one.bar ?? '', verdictOf(one)]),
  )

/** An outcome for people: what was measured, and what the oracle found, as a table of Markdown and lines below it. */
export function outcomeLines({ measures, oracle }: Outcome): string[] {
  const { counts, ...lists } = oracle
  const { intended, accepted, recovered, named, delivered, waiting, failed, recalled } = counts
  const found = [
    ...Object.entries(lists).map(([name, list]) => noneOf(name, list.length)),
    noneOf('failed', failed),
    noneOf('waiting at the end', waiting),
  ]
  return [
    measureTable([...measures, ...found]),
    `oracle: ${isSound(oracle) ? 'sound' : 'NOT SOUND'}; ${intended} documents and statuses intended, ${accepted} accepted, ${recovered} recovered`,
    `their receipts name ${named} deliveries = ${delivered} delivered + ${waiting} waiting + ${failed} failed + ${recalled} recalled`,
    ...Object.entries(lists).flatMap(([name, list]) => list.slice(0, MOST).map((one) => `  ${name}: ${one}`)),
  ]
}
