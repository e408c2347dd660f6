import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CACHE = join(ROOT, 'node_modules/.cache')

/** What the tests start beside themselves. */
const PROGRAMS = [
  'test/support/kept-keys.ts',
  'src/bin/tram.ts',
  'scripts/demo/main.ts',
  'scripts/with-services.ts',
]

/** First what takes longest: one long file at the end would keep one processor alone. */
const FOLDERS = ['test/e2e', 'test/integration', 'test/conformance', 'test/unit', 'test']

/** The test files of the project, in the order in which to run them. */
async function allTests(): Promise<string[]> {
  const names = await readdir(join(ROOT, 'test'), { recursive: true })
  const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => join('test', name))
  const placeOf = (file: string) => FOLDERS.findIndex((folder) => file.startsWith(`${folder}/`))
  return files.sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1))
}

/** Those that an argument of the command line names, or a folder that it names holds. */
function chosenOf(files: readonly string[], args: readonly string[]): readonly string[] {
  if (args.length === 0) return files
  const places = new Set(args.map((argument) => relative(ROOT, resolve(argument))))
  return files.filter((file) => {
    for (let place = file; place !== '.'; place = dirname(place)) if (places.has(place)) return true
    return false
  })
}

/**
 * Runs tap over the test files of the command line, or over all, with whatever else is given to it. The files are built
 * before, all at once: of the processor time of a test more than half went into loading its thousand modules.
 */
async function main(args: readonly string[]): Promise<number> {
  const all = await allTests()
  const files = chosenOf(all, args)
  // A pattern: tap finds its files by itself, and they run as they stand.
  if (files.length === 0) return runTap(args, {})
  await mkdir(CACHE, { recursive: true })
  const outdir = await mkdtemp(join(CACHE, 'built-'))
  try {
    await bundle({ entries: [...files, ...PROGRAMS], outdir })
    // tap knows no folders.
    const options = args.filter((argument) => chosenOf(all, [argument]).length === 0)
    return await runTap([...options, ...files], { BUILT_PROGRAMS: outdir })
  } finally {
    await rm(outdir, { recursive: true, force: true })
  }
}

async function runTap(args: readonly string[], variables: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/tap/dist/esm/run.mjs'), 'run', ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // A terminal gives Ctrl-C to the whole group, so the child has it already.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal))
  }
  await once(child, 'exit')
  return child.exitCode ?? 128 + constants.signals[child.signalCode ?? 'SIGKILL']
}

process.exitCode = await main(process.argv.slice(2))
