import { spawnSync } from 'node:child_process'
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { type Teardown, temporaryFolder } from '../support/temporary-folder.ts'

const SCRIPT = fileURLToPath(new URL('../../scripts/prepare.mjs', import.meta.url))
const LOCK = { packages: { '': {}, 'node_modules/x': { version: '2.0.0' } } }

/** A checkout with a lock file, and an npm that only says what it was asked. */
async function checkout(t: Teardown) {
  const folder = await temporaryFolder(t)
  await cp(SCRIPT, join(folder, 'scripts/prepare.mjs'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(LOCK))
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/npm'), '#!/bin/sh\necho "npm was called: $*"\nexit 1\n', { mode: 0o755 })
  const prepare = () =>
    spawnSync(process.execPath, ['-e', `import('./scripts/prepare.mjs').then(({ prepare }) => prepare())`], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: join(folder, 'bin') },
    })
  return { folder, prepare }
}

async function installed(folder: string, version: string): Promise<void> {
  await mkdir(join(folder, 'x'), { recursive: true })
  const packages = { 'node_modules/x': { version } }
  await writeFile(join(folder, '.package-lock.json'), JSON.stringify({ packages }))
}

t.test("npm never works in another checkout's packages", async (t) => {
  const { folder, prepare } = await checkout(t)
  const elsewhere = await temporaryFolder(t)
  await installed(elsewhere, '1.0.0')
  await symlink(elsewhere, join(folder, 'node_modules'))
  const stale = prepare()
  t.equal(stale.status, 1)
  t.match(stale.stderr, /node_modules là liên kết[\s\S]*node_modules is a symbolic link/)
  t.notMatch(stale.stderr, /npm was called/)
  t.strictSame((await readdir(elsewhere)).sort(), ['.package-lock.json', 'x'])

  await installed(elsewhere, '2.0.0')
  t.match(prepare(), { status: 1, stderr: /is a symbolic link/ }, 'nor is the test tool rebuilt there')
  const built = join(elsewhere, '@tapjs/test/test-built/dist/esm')
  await mkdir(built, { recursive: true })
  await writeFile(join(built, 'index.js'), '')
  t.match(prepare(), { status: 0, stderr: '' }, 'what is up to date may be shared')
})

t.test('a link that leads nowhere is refused too', async (t) => {
  const { folder, prepare } = await checkout(t)
  await symlink(join(folder, 'gone'), join(folder, 'node_modules'))
  t.match(prepare(), { status: 1, stderr: /is a symbolic link/ })
})

t.test('packages of its own are installed', async (t) => {
  const { folder, prepare } = await checkout(t)
  t.match(prepare().stderr, /npm was called: ci /, 'where there are none')
  await installed(join(folder, 'node_modules'), '1.0.0')
  t.match(prepare().stderr, /npm was called: ci /, 'where they are old')
})
