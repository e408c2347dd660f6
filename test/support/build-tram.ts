import { readFile, rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { Teardown } from './temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Files that lie beside a source file are found from where it stands, not from where it is built to. */
const staysInPlace: Plugin = {
  name: 'stays-in-place',
  setup({ onLoad }) {
    onLoad({ filter: /\/(?:src|test)\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      return {
        contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
        loader: 'ts',
      }
    })
  },
}

/**
 * Builds programs of the project into plain JavaScript, packages left where they are: a process of it starts in a third
 * of the time, which matters where hundreds are killed and started again. The files are removed after the test.
 * @param entries from the root of the project: `src/bin/main.ts`
 * @returns the built file of each entry
 */
export async function buildPrograms<E extends string>(
  t: Teardown,
  entries: readonly E[],
): Promise<Record<E, string>> {
  // Inside node_modules, so that packages are found.
  const outdir = join(ROOT, 'node_modules/.cache', `tram-${process.pid}-${Date.now().toString(36)}`)
  t.teardown(() => rm(outdir, { recursive: true, force: true }))
  await build({
    absWorkingDir: ROOT,
    entryPoints: [...entries],
    outdir,
    outbase: ROOT,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    outExtension: { '.js': '.mjs' },
    plugins: [staysInPlace],
    logLevel: 'error',
  })
  const built = (entry: E) => join(outdir, relative('.', entry).split(sep).join('/').replace(/\.ts$/, '.mjs'))
  return Object.fromEntries(entries.map((entry) => [entry, built(entry)])) as Record<E, string>
}
