import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CORPORA } from './corpora.ts'
import { conformancePage, type Explanations, isDisagreement } from './page.ts'
import type { CorpusResult } from './run-corpus.ts'
import { missed, percent, tally } from './tally.ts'

/*
 * npm run conformance [-- --only NAME…] [--verbose] [--facts] [--case PART] [--corpora DIR]
 *
 * Puts every case of the corpora to the verifier, writes docs/conformance.md (where all of them are run) and ends with
 * exit code 1 where a bar is missed. --verbose lists disagreements, --facts also facts that differ, --case only judges
 * cases whose id holds PART.
 */
const PAGE = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url))
const EXPLAINED = fileURLToPath(new URL('explained.json', import.meta.url))

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    verbose: { type: 'boolean', default: false },
    facts: { type: 'boolean', default: false },
    case: { type: 'string' },
    corpora: { type: 'string', default: '../shared/corpora' },
  },
})

function tell(result: CorpusResult): void {
  const counts = tally(result)
  const parts = Object.entries(counts)
    .filter(([name, count]) => name !== 'agreement' && count > 0)
    .map(([name, count]) => `${name} ${count}`)
  const milliseconds = result.judged.reduce((sum, one) => sum + one.milliseconds, 0)
  console.log(
    `${result.name}: ${percent(counts.agreement)} agreement (${parts.join(', ')}), ${milliseconds} ms`,
  )
  for (const [reason, count] of result.leftOut) console.log(`  not run: ${count}: ${reason}`)
  for (const one of result.judged) {
    if (values.verbose && (isDisagreement(one) || one.outcome === 'unsupported'))
      console.log(`  ${one.outcome} ${one.id}: ${one.expected} → ${one.answered}. ${one.why}`)
    if (!values.facts) continue
    for (const { name, expected, answered, agrees } of one.facts)
      if (!agrees) console.log(`  ${one.id}: ${name}: ${String(expected)} → ${String(answered)}`)
  }
}

async function run(root: string): Promise<number> {
  const results: CorpusResult[] = []
  const absent: string[] = []
  const names = Object.keys(CORPORA).filter((name) => values.only?.includes(name) ?? true)
  for (const name of names) {
    const result = await CORPORA[name]!(
      join(root, name),
      values.case === undefined ? {} : { part: values.case },
    )
    if (result === undefined) absent.push(name)
    else {
      results.push(result)
      tell(result)
    }
  }
  if (values.only === undefined && values.case === undefined) {
    const explanations = JSON.parse(await readFile(EXPLAINED, 'utf8')) as Explanations
    await writeFile(PAGE, conformancePage(results, absent, explanations))
  }
  const misses = results.flatMap(missed)
  for (const miss of misses) console.error(`missed: ${miss}`)
  return misses.length === 0 ? 0 : 1
}

const root = resolve(values.corpora)
if (existsSync(root)) process.exitCode = await run(root)
else console.log(`skipped: there is no ${values.corpora}`)
