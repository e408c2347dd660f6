import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What a measurement runs; pages and results that are written meanwhile change nothing of it. */
const MEASURED = ['src', 'test', 'scripts', ':!scripts/bench/results', 'package.json', 'package-lock.json']

const git = async (...words: string[]): Promise<string> =>
  (await promisify(execFile)('git', words, { cwd: import.meta.dirname })).stdout.trim()

/** The commit that is measured, such as `commit 92e151c` or `commit 92e151c + changes`, and so where there is no git. */
export async function measuredCommit(): Promise<string> {
  try {
    const top = await git('rev-parse', '--show-toplevel')
    const changes = await git('-C', top, 'status', '--porcelain', '--', ...MEASURED)
    return `commit ${await git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : ' + changes'}`
  } catch {
    return 'commit unknown'
  }
}
