import { spawnSync } from 'node:child_process'
import { cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** Node 20 runs no TypeScript by itself, as the Node of the image does. */
const PRELOAD = ['strip-types.mjs', 'strip-types-hooks.mjs', 'built-programs.mjs']
const SOUND = join(ROOT, 'test/vectors/valid/edxml/all-prefixed.edxml')

/** What the builder of the image is given: lines of `.dockerignore` that let something through. */
async function givenToBuilder(): Promise<string[]> {
  const lines = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n')
  return lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
}

t.test('what the image builds runs where nothing but that is', async (t) => {
  const folder = await temporaryFolder(t)
  for (const path of await givenToBuilder()) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await cp(join(ROOT, path), join(folder, path), { recursive: true })
  }
  for (const file of PRELOAD) await cp(join(ROOT, 'scripts', file), join(folder, file))
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const run = (...args: string[]) =>
    spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '' },
    })
  t.match(run('--import', `./${PRELOAD[0]}`, 'scripts/build.ts'), { status: 0, stderr: '' })
  const tram = (...args: string[]) => run('dist/src/bin/tram.mjs', ...args)
  t.match(tram(), { status: 2, stdout: '', stderr: /tram worker/ })
  for (const command of ['serve', 'worker', 'migrate'])
    t.match(tram(command), { status: 1, stderr: /DATABASE_URL is missing/ }, command)
  t.match(tram('edxml', 'validate', SOUND), { status: 0, stderr: '' }, 'schemas are found')
})

t.test('what it loads is there where no package for development is', async (t) => {
  const { dependencies, optionalDependencies } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  )
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/bin/tram.ts'],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
  })
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports)
  const external = imports.filter((one) => one.external).map(({ path }) => path)
  const packages = new Set(external.flatMap((path) => /^(?:@[^/]+\/)?[^/:]+(?=\/|$)/.exec(path) ?? []))
  const present = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies)])
  t.same(
    [...packages].filter((name) => !present.has(name)),
    [],
  )
  t.ok(packages.has('pg') && packages.has('@fastify/swagger'))
})
