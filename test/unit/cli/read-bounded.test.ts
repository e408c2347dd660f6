import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { canonicalizeJobs } from '../../../src/cli/canonicalize-job.ts'
import { chainJobs } from '../../../src/cli/chain-job.ts'
import { readBounded } from '../../../src/cli/read-bounded.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

t.test('no more of a file is read than is taken', async (t) => {
  const file = join(await temporaryFolder(t), 'file')
  await writeFile(file, 'abc')
  t.equal(String(await readBounded(file, 3)), 'abc')
  t.equal(await readBounded(file, 2), undefined)
  await writeFile(file, '')
  t.equal(String(await readBounded(file, 2)), '')
  await t.rejects(readBounded(`${file}x`, 2), { code: 'ENOENT' })
})

t.test('a file of a gigabyte costs no gigabyte', async (t) => {
  const file = join(await temporaryFolder(t), 'sparse')
  await writeFile(file, '')
  await truncate(file, 1024 ** 3)
  t.match(await canonicalizeJobs()({ file, alg: 'exc' }), { error: { code: 'xml-too-large' } })
  await t.rejects(chainJobs()({ anchor: file, leaf: file }), /bytes/)
  t.ok(process.memoryUsage().rss < 800 * 1024 * 1024)
})
