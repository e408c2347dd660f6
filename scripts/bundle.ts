import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Packages that look for files of their own, or that are loaded only where they are used. */
const LEFT_IN_PLACE = [
  'libxml2-wasm',
  'pkcs11js',
  '@valkey/valkey-glide',
  'pg-native',
  '@libpdf/core',
  'node-pg-migrate',
  'esbuild',
]

/** What packages of the older kind expect to find. */
const OLDER_MODULES = [
  `import { createRequire as builtRequire } from 'node:module'`,
  `import { dirname as builtFolder } from 'node:path'`,
  `const require = builtRequire(import.meta.url)`,
  `const __filename = import.meta.filename`,
  `const __dirname = builtFolder(__filename)`,
].join(';')

/** Files that lie beside a source file are found from where it stands, not from where it is built to. */
const staysInPlace: Plugin = {
  name: 'stays-in-place',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined
      const text = await readFile(path, 'utf8')
      return { contents: withPlace(text, path), loader: 'ts' }
    })
  },
}

// Patterns, not texts: this file is built, too, by a test that builds programs, and must not find itself.
const withPlace = (text: string, path: string): string =>
  text
    .replaceAll(/import\.meta\.url/g, JSON.stringify(pathToFileURL(path).href))
    .replaceAll(/import\.meta\.dirname/g, JSON.stringify(dirname(path)))

/** A map of one point: what packages hold stays out of the maps, which every process reads. */
const NO_MAP =
  '\n//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbIiJdLCJtYXBwaW5ncyI6IkEifQ=='

const withoutMaps: Plugin = {
  name: 'packages-without-maps',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')) + NO_MAP,
      loader: 'js',
    }))
  },
}

export interface BundleOptions {
  /** From the root of the project: `src/bin/tram.ts`. */
  readonly entries: readonly string[]
  /** Somewhere where packages are found, such as inside node_modules; `src/bin/tram.mjs` lies within. */
  readonly outdir: string
}

/**
 * Builds programs and most of the packages that they use into plain JavaScript, what several of them use once for all:
 * a process starts in a quarter of the time. With `--enable-source-maps` stack traces lead to the sources.
 */
export async function bundle({ entries, outdir }: BundleOptions): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [...entries],
    outdir,
    outbase: ROOT,
    bundle: true,
    splitting: true,
    // Every process reads the whole. Names stay, and lines an end, for whoever reads a stack trace.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    // The same where tsconfig.json is not at hand.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: LEFT_IN_PLACE,
    banner: { js: OLDER_MODULES },
    outExtension: { '.js': '.mjs' },
    plugins: [staysInPlace, withoutMaps],
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'error',
  })
}
