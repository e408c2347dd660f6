import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { table } from '../../markdown-table.ts'

/*
 * node --import tsx scripts/bench/load/top-of-profile.ts [--rows 40] [--from 20] FOLDER|FILE…
 *
 * Where the processor time of profiles went that `npm run bench -- --profile FOLDER` kept: self time by function, by file
 * (packages as one), without what was idle and without the first seconds, in which a process starts.
 */
interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const IDLE = new Set(['(idle)', '(program)'])

/** Files of the project by their path, those of a package by its name, and what Node and V8 do by theirs. */
function fileOf(url: string): string {
  if (url === '') return '(native)'
  if (!url.startsWith('file:')) return url
  const path = relative(ROOT, fileURLToPath(url))
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(path)
  return inPackage === null ? path : `node_modules/${inPackage[1]}`
}

function selfTimes(
  profile: Profile,
  from: number,
): { byFunction: Map<string, number>; byFile: Map<string, number> } {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const [byFunction, byFile] = [new Map<string, number>(), new Map<string, number>()]
  let elapsed = 0
  profile.samples.forEach((id, index) => {
    elapsed += profile.timeDeltas[index]! / 1e6
    if (elapsed < from) return
    const { functionName, url, lineNumber } = frames.get(id)!
    if (IDLE.has(functionName)) return
    const file = fileOf(url)
    const name = `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`
    const time = profile.timeDeltas[index]! / 1_000
    byFunction.set(name, (byFunction.get(name) ?? 0) + time)
    byFile.set(file, (byFile.get(file) ?? 0) + time)
  })
  return { byFunction, byFile }
}

function tell(what: string, times: ReadonlyMap<string, number>, rows: number): void {
  const all = [...times.values()].reduce((sum, time) => sum + time, 0)
  const largest = [...times].sort(([, a], [, b]) => b - a).slice(0, rows)
  const part = (time: number) => `${((time / all) * 100).toFixed(1)} %`
  console.log(
    `${table(
      [what, 'ms', 'part'],
      largest.map(([name, time]) => [name, time.toFixed(0), part(time)]),
    )}\n`,
  )
}

const profilesIn = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.cpuprofile'))
        .map((name) => join(path, name))
    : [path]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'string', default: '40' }, from: { type: 'string', default: '20' } },
})
for (const path of positionals.flatMap(profilesIn)) {
  const profile = JSON.parse(readFileSync(path, 'utf8')) as Profile
  const { byFunction, byFile } = selfTimes(profile, Number(values.from))
  console.log(`## ${path}\n`)
  tell('function', byFunction, Number(values.rows))
  tell('file', byFile, Number(values.rows))
}
