import { readFile, writeFile } from 'node:fs/promises'

/**
 * A page with another text between the marks of one of its sections: `<!-- bench:flat -->` and `<!-- /bench:flat -->`.
 * @throws Error where the page has no such marks
 */
export function withSection(page: string, mark: string, section: string): string {
  const [opening, closing] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`]
  const [begin, end] = [page.indexOf(opening), page.indexOf(closing)]
  if (begin < 0 || end < begin) throw new Error(`the page has no place for ${mark}`)
  return `${page.slice(0, begin)}${opening}\n\n${section}\n\n${page.slice(end)}`
}

/** Writes a section into a page. */
export async function writeSection(path: string, mark: string, section: string): Promise<void> {
  await writeFile(path, withSection(await readFile(path, 'utf8'), mark, section))
}
