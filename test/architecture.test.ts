import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { arguesForItself, breaches, IMPORT_TABLE, partOf, type SourceFile } from './architecture/rules.ts'
import { scan } from './architecture/scan.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

async function sources(folder: string): Promise<SourceFile[]> {
  const names = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })
  const paths = names
    .filter((entry) => entry.isFile() && /\.(?:ts|tsx|mjs)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })))
}

/** Functions of more than 70 lines, measured by the linter: `path: what`. */
async function longFunctions(folder: string): Promise<string[]> {
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
  const config = join(ROOT, 'test/architecture/long-functions.json')
  const args = ['lint', `--config-path=${config}`, '--reporter=json', '--max-diagnostics=200', folder]
  // The linter's exit code is 1 where it found something.
  const { stdout } = await promisify(execFile)(process.execPath, [biome, ...args], { cwd: ROOT }).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  )
  const report: {
    summary: { unchanged: number }
    diagnostics: { message: string; location: { path: string; start: { line: number } } }[]
  } = JSON.parse(stdout)
  if (report.summary.unchanged === 0) throw new Error(`the linter read nothing in ${folder}`)
  return report.diagnostics.map(
    ({ message, location }) => `${location.path}:${location.start.line}: ${message}`,
  )
}

t.test('the code keeps to the rules', async (t) => {
  const files = await sources('src')
  t.ok(files.length > 100, 'the files were found')
  for (const breach of breaches(files)) t.fail(breach)
  const parts = new Set(files.map(({ path }) => partOf(path)))
  t.strictSame(
    ['domain', 'db', 'intake', 'delivery', 'receipts', 'http'].filter((part) => !parts.has(part)),
    [],
    'the parts that the table speaks of are there',
  )
})

t.test('no function is longer than 70 lines without saying why', async (t) => {
  const argued = new Set(
    (await sources('src')).filter(({ text }) => arguesForItself(text)).map(({ path }) => path),
  )
  const long = await longFunctions('src')
  for (const breach of long.filter((each) => !argued.has(each.split(':')[0]!))) t.fail(breach)
  t.pass('measured')
})

t.test('the measure of functions can fail', async (t) => {
  const folder = await temporaryFolder(t)
  const body = Array.from({ length: 80 }, (_, n) => `  console.log(${n})`).join('\n')
  await writeFile(join(folder, 'long.ts'), `export function long(): void {\n${body}\n}\n`)
  await writeFile(join(folder, 'short.ts'), 'export function short(): void {}\n')
  const found = await longFunctions(folder)
  t.equal(found.length, 1)
  t.match(found[0], /long\.ts:1:.*too many lines/)
})

const file = (path: string, text: string): SourceFile => ({ path, text })

const BREACHES: Record<string, { files: SourceFile[]; says: RegExp }> = {
  'a tool imports a stage': {
    files: [file('src/db/a.ts', "import { x } from '../intake/x.ts'")],
    says: /db may not import \.\.\/intake\/x\.ts/,
  },
  'a stage imports another stage': {
    files: [file('src/intake/a.ts', "import type { X } from '../delivery/x.ts'")],
    says: /intake may not import/,
  },
  'an import over several lines': {
    files: [file('src/receipts/a.ts', "import {\n  a,\n  type B,\n} from '../intake/x.ts'")],
    says: /receipts may not import/,
  },
  'an export from': {
    files: [file('src/edxml/a.ts', "export * from '../db/pool.ts'")],
    says: /edxml may not import/,
  },
  'a dynamic import': {
    files: [file('src/domain/a.ts', "const x = await import('../db/pool.ts')")],
    says: /domain may not import/,
  },
  'a value where only types may be had': {
    files: [file('src/edxml/a.ts', "import { type BlobStage, memoryStage } from '../blobs/memory-stage.ts'")],
    says: /edxml may not import/,
  },
  'the configuration read by the API': {
    files: [file('src/http/a.ts', "import { loadConfig } from '../config.ts'")],
    says: /http may not import/,
  },
  'a part that nobody knows': { files: [file('src/utils/a.ts', '')], says: /utils has no row/ },
  'a package in the domain': {
    files: [file('src/domain/a.ts', "import { createHash } from 'node:crypto'")],
    says: /domain imports node:crypto/,
  },
  'SQL in a stage': {
    files: [file('src/intake/a.ts', 'const text = `select id\n  from document`')],
    says: /SQL outside src\/db/,
  },
  'SQL in capitals': {
    files: [file('src/worker/a.ts', "const text = 'DELETE FROM outbox'")],
    says: /SQL outside src\/db/,
  },
  'a query in a door': {
    files: [file('src/http/a.ts', 'await context.pool\n  .query(text)')],
    says: /a query is made outside/,
  },
  'the environment read elsewhere': {
    files: [file('src/worker/a.ts', 'const url = process.env.DATABASE_URL')],
    says: /reads the environment/,
  },
  'the environment taken apart': {
    files: [file('src/worker/a.ts', 'const { env, argv } = process')],
    says: /reads the environment/,
  },
  'the environment imported': {
    files: [file('src/worker/a.ts', "import { env } from 'node:process'")],
    says: /reads the environment/,
  },
  'a door opens a transaction': {
    files: [file('src/http/a.ts', "import { inTransaction } from '../db/transaction.ts'")],
    says: /may not open transactions/,
  },
  'a file name in camel case': { files: [file('src/db/outBox.ts', '')], says: /not kebab-case/ },
  'a long file': { files: [file('src/db/a.ts', 'x\n'.repeat(301))], says: /301 lines/ },
  'a circle': {
    files: [
      file('src/db/a.ts', "import { b } from './b.ts'"),
      file('src/db/b.ts', "import { c } from './c.ts'"),
      file('src/db/c.ts', "import type { A } from './a.ts'"),
    ],
    says: /a circle: src\/db\/a\.ts -> src\/db\/b\.ts -> src\/db\/c\.ts -> src\/db\/a\.ts/,
  },
}

const HARMLESS: Record<string, SourceFile> = {
  'an import in a comment': file(
    'src/domain/a.ts',
    "// import { x } from '../db/x.ts'\n/* import('../db/x.ts') */",
  ),
  'a comment inside a string': file('src/worker/a.ts', "const url = 'http://x' // process.env.X\n"),
  'the environment in a text': file('src/worker/a.ts', "const hint = 'set process.env.X'"),
  'a quote in a regular expression': file(
    'src/worker/a.ts',
    "const quote = /['\"`]/g\nconst s = 'process.env'",
  ),
  'types where types may be had': file(
    'src/edxml/a.ts',
    "import type { BlobStage } from '../blobs/store.ts'",
  ),
  'inline types where types may be had': file(
    'src/edxml/a.ts',
    "import { type BlobStage } from '../blobs/store.ts'",
  ),
  'a sentence that begins like SQL': file('src/http/a.ts', "const advice = 'Select a page from the list'"),
  "the query of a request's address": file('src/http/a.ts', 'const { after } = request.query'),
  'a long file that says why': file('src/db/a.ts', `// Long because it is one table.\n${'x\n'.repeat(301)}`),
}

t.test('each rule can fail', async (t) => {
  for (const [name, { files, says }] of Object.entries(BREACHES)) {
    const found = breaches(files)
    t.equal(found.length > 0, true, name)
    t.match(found.join('\n'), says, name)
  }
})

t.test('nothing harmless fails', async (t) => {
  for (const [name, source] of Object.entries(HARMLESS)) t.strictSame(breaches([source]), [], name)
})

t.test('the table itself has no circle of values between parts', async (t) => {
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    IMPORT_TABLE[from]!.may.some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
    )
  t.strictSame(
    Object.keys(IMPORT_TABLE).filter((part) => reaches(part, part)),
    [],
  )
})

t.test('the scanner keeps lines where they are', async (t) => {
  const source = ['const a = `x', 'y` // c', "const b = /\\/'/.test('\"') ? 1 / 2 : 'z'"].join('\n')
  const { bare, strings } = scan(source)
  t.equal(bare.length, source.length)
  t.equal(bare.split('\n').length, source.split('\n').length)
  t.ok(strings.includes('z'))
})
