import { spawnSync } from 'node:child_process'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const SOURCE = fileURLToPath(new URL('../../../src', import.meta.url))

t.test('without its packages, tram says what to do, in both languages', async (t) => {
  const folder = await temporaryFolder(t)
  await cp(SOURCE, join(folder, 'src'), { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  const tram = () =>
    spawnSync(process.execPath, ['src/bin/tram.mjs', 'doctor'], { cwd: folder, encoding: 'utf8', env: {} })
  t.match(tram(), {
    status: 1,
    stdout: '',
    stderr:
      /^Chưa cài .*`npm run setup` trước\.\nThe packages are not installed: run `npm run setup` first\.\n$/,
  })
})
