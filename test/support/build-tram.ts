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
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined
      const text = await readFile(path, 'utf8')
      return {
        contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
        loader: 'ts',
      }
    })
  },
}

/** Packages that look for files of their own, or that are loaded only where they are used. */
const LEFT_IN_PLACE = [
  'libxml2-wasm',
  'pkcs11js',
  'pg-native',
  '@fastify/swagger',
  'ioredis',
  'bullmq',
  '@libpdf/core',
  'node-pg-migrate',
]

/** What packages of the older kind expect to find. */
const OLDER_MODULES = [
  `import { createRequire as builtRequire } from 'node:module'`,
  `import { dirname as builtFolder } from 'node:path'`,
  `const require = builtRequire(import.meta.url)`,
  `const __filename = import.meta.filename`,
  `const __dirname = builtFolder(__filename)`,
].join(';')

/**
 * Builds programs of the project and most of its packages into plain JavaScript: a process of it starts in a quarter of
 * the time, which matters where hundreds are killed and started again. The files are removed after the test.
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
    external: LEFT_IN_PLACE,
    banner: { js: OLDER_MODULES },
    outExtension: { '.js': '.mjs' },
    plugins: [staysInPlace],
    logLevel: 'error',
  })
  const built = (entry: E) => join(outdir, relative('.', entry).split(sep).join('/').replace(/\.ts$/, '.mjs'))
  return Object.fromEntries(entries.map((entry) => [entry, built(entry)])) as Record<E, string>
}
