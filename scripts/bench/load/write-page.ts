import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PartResult } from './parts.ts'
import { barTable } from './print.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PAGE = join(ROOT, 'docs/performance.md')
const RESULTS = join(ROOT, 'scripts/bench/results')

const beginOf = (part: string) => `<!-- bench:${part} -->`
const endOf = (part: string) => `<!-- /bench:${part} -->`

/** What a part found, for people. @param machine what it was taken on, in one line */
export const sectionOf = ({ bars, tables }: PartResult, machine: string): string =>
  [machine, ...(bars.length === 0 ? [] : [barTable(bars)]), tables].join('\n\n')

/**
 * A page with another text between the marks of a part.
 * @throws Error where the page has no such marks
 */
export function withSection(page: string, part: string, section: string): string {
  const [begin, end] = [page.indexOf(beginOf(part)), page.indexOf(endOf(part))]
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md has no place for ${part}`)
  return `${page.slice(0, begin)}${beginOf(part)}\n\n${section}\n\n${page.slice(end)}`
}

/** Writes what a part found into docs/performance.md, and its data beside the bench. */
export async function writeResult(part: string, result: PartResult, machine: string): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  await writeFile(PAGE, withSection(page, part, sectionOf(result, machine)))
  await mkdir(RESULTS, { recursive: true })
  const data = { part, machine, bars: result.bars, data: result.data }
  await writeFile(join(RESULTS, `${part}.json`), `${JSON.stringify(data, null, 2)}\n`)
}
