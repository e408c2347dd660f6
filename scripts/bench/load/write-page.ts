import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeSection } from '../../page-section.ts'
import type { PartResult } from './parts.ts'
import { barTable } from './print.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PAGE = join(ROOT, 'docs/performance.md')
const RESULTS = join(ROOT, 'scripts/bench/results')

/** What a part found, for people. @param machine what it was taken on, in one line */
export const sectionOf = ({ bars, tables }: PartResult, machine: string): string =>
  [machine, ...(bars.length === 0 ? [] : [barTable(bars)]), tables].join('\n\n')

/** Writes what a part found into docs/performance.md, and its data beside the bench. */
export async function writeResult(part: string, result: PartResult, machine: string): Promise<void> {
  await writeSection(PAGE, `bench:${part}`, sectionOf(result, machine))
  await mkdir(RESULTS, { recursive: true })
  const data = { part, machine, bars: result.bars, data: result.data }
  await writeFile(join(RESULTS, `${part}.json`), `${JSON.stringify(data, null, 2)}\n`)
}
