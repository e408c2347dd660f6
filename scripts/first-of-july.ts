import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { receiptsWithoutBothNames } from '../test/support/first-of-july/afterwards.ts'
import { damaged, ledgerOf, summaryOf, unexplainedGaps } from '../test/support/first-of-july/ledger.ts'
import { passMidnight } from '../test/support/first-of-july/night.ts'
import { openTrial } from '../test/support/first-of-july/trial.ts'

/*
 * The first of July 2025, played over real processes and a database whose clock is set: `npm run first-of-july
 * [documents] [--all]` prints what became of each kind of document; with --all of each document.
 */

const documents = Number(process.argv[2] ?? 1_000) || 1_000
const endings: (() => unknown)[] = []
const folder = await mkdtemp(join(tmpdir(), 'first-of-july-'))
const until = { teardown: (end: () => unknown) => void endings.unshift(end) }

try {
  const trial = await openTrial(until, folder)
  const night = await passMidnight(until, trial, documents, (line) => console.log(line))
  const lines = await ledgerOf(trial, night.sent)
  if (process.argv.includes('--all'))
    for (const { documentId, named, recipient, state, outcome } of lines)
      console.log([documentId, named, recipient ?? '-', state, outcome].join('\t'))
  console.log(`at midnight: ${JSON.stringify(night.atMidnight)}`)
  console.log(summaryOf(lines).join('\n'))
  const wrong = {
    unaccounted: lines.filter(({ outcome }) => outcome === 'UNACCOUNTED').length,
    gaps: (await unexplainedGaps(trial)).length,
    damaged: (await damaged(trial, night.sent)).length,
    receiptsWithoutBothNames: (await receiptsWithoutBothNames(trial, night.sent, lines)).length,
  }
  console.log(`${night.sent.length} documents; wrong: ${JSON.stringify(wrong)}`)
  if (Object.values(wrong).some((count) => count > 0)) process.exitCode = 1
} finally {
  for (const end of endings) await end()
  await rm(folder, { recursive: true, force: true })
}
