import { rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '../../scripts/bundle.ts'
import type { Teardown } from './temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Builds programs of the project and most of its packages into plain JavaScript: a process of it starts in a quarter of
 * the time, which matters where hundreds are killed and started again. The files are removed after the test.
 * @param entries from the root of the project: `src/bin/tram.ts`
 * @returns the built file of each entry
 */
export async function buildPrograms<E extends string>(
  t: Teardown,
  entries: readonly E[],
): Promise<Record<E, string>> {
  const outdir = join(ROOT, 'node_modules/.cache', `tram-${process.pid}-${Date.now().toString(36)}`)
  t.teardown(() => rm(outdir, { recursive: true, force: true }))
  await bundle({ entries, outdir })
  const built = (entry: E) => join(outdir, relative('.', entry).split(sep).join('/').replace(/\.ts$/, '.mjs'))
  return Object.fromEntries(entries.map((entry) => [entry, built(entry)])) as Record<E, string>
}
