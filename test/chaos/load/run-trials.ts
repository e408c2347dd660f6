import type { Measure } from '../fault.ts'
import { table } from '../print-outcome.ts'
import type { LoadExtent, LoadTrial } from './crowd.ts'

export interface LoadResult {
  readonly id: string
  readonly title: string
  readonly measures: readonly Measure[]
  readonly met: boolean
}

/** Runs trials of load one after the other, and prints what each measured; one that breaks off is not met. */
export async function runLoadTrials(
  trials: readonly LoadTrial[],
  extent: LoadExtent,
): Promise<readonly LoadResult[]> {
  const results: LoadResult[] = []
  for (const { id, title, run } of trials) {
    if (extent.interrupted?.aborted) break
    console.log(`\n## ${id}: ${title}\n`)
    const measures = await run(extent).catch((error: unknown) => {
      console.error(error)
      return [{ name: 'ran to its end', seen: 'no', bar: 'yes', met: false }]
    })
    for (const line of measureLines(measures)) console.log(line)
    const met = measures.every((one) => one.met)
    results.push({ id, title, measures, met })
    if (!met)
      console.log(`repeat: npm run chaos -- --faults ${id} --seed ${extent.seed} --scale ${extent.scale}`)
  }
  return results
}

/** What a trial measured, as a table of Markdown. */
export const measureLines = (measures: readonly Measure[]): string[] =>
  table([
    ['', 'measured', 'bar', ''],
    ...measures.map(({ name, seen, bar, met }) => [
      name,
      seen,
      bar ?? '',
      bar === null ? '' : met ? 'met' : 'MISSED',
    ]),
  ])
