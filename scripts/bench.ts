import { mkdir, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { flat } from './bench/load/flat.ts'
import { stopAll } from './bench/load/gateway.ts'
import { gigabyte } from './bench/load/gigabyte.ts'
import { large, type PartOptions, type PartResult, pdf, scale, small } from './bench/load/parts.ts'
import { search } from './bench/load/search.ts'
import { sectionOf, writeResult } from './bench/load/write-page.ts'
import { commandOf, loadNow, takenUnder } from './bench/taken-under.ts'
import { orEnd, positive, usage } from './command-line.ts'
import { measuredCommit } from './measured-commit.ts'
import { findRedis } from './services/redis.ts'

const PURPOSE = `What the gateway takes in and hands over, at what latency and cost, beside the bare operations of a document: fresh
servers with durable settings, the gateway and its clients in processes of their own. Exit code 1 where a bar is missed.`

const PARTS: Readonly<Record<string, (options: PartOptions) => Promise<PartResult>>> = {
  small,
  pdf,
  large,
  scale,
  flat,
  search,
  gigabyte,
}

const OPTIONS = {
  only: { type: 'string', default: Object.keys(PARTS).join(',') },
  seconds: { type: 'string', default: '20' },
  seed: { type: 'string', default: '1' },
  rate: { type: 'string' },
  documents: { type: 'string', default: '1000000' },
  bytes: { type: 'string', default: String(2 ** 30) },
  json: { type: 'string' },
  profile: { type: 'string' },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const
const ABOUT: Record<keyof typeof OPTIONS, string> = {
  only: 'which parts, separated by commas',
  seconds: 'of one run of the load',
  seed: 'what is drawn at random comes of it',
  rate: 'documents a second at which all is measured, instead of what is found to be sustained',
  documents: 'that the parts flat and search store',
  bytes: 'of the attachment of the part gigabyte',
  json: 'a file for the results',
  profile: 'a folder for profiles of the processes',
  write: 'keeps the results in docs/performance.md and scripts/bench/results',
  help: 'this',
}

const { values } = orEnd(() => parseArgs({ options: OPTIONS }))
if (values.help) {
  console.log(usage('npm run bench --', PURPOSE, OPTIONS, ABOUT))
  process.exit(0)
}
const names = values.only.split(',')
orEnd(() => {
  for (const name of names)
    if (!(name in PARTS)) throw new Error(`no part ${name}: there are ${Object.keys(PARTS).join(', ')}`)
})
if ((await findRedis()) === null) {
  console.error(
    'The queue of the bench is in Redis, and there is no redis-server on PATH (Debian: redis-server).',
  )
  process.exit(2)
}
if (values.profile !== undefined) await mkdir(values.profile, { recursive: true })

const numberOf = (name: 'seconds' | 'seed' | 'documents' | 'bytes') =>
  orEnd(() => positive(name, values[name]))
const { rate } = values
const options: PartOptions = {
  seconds: numberOf('seconds'),
  seed: numberOf('seed'),
  rate: rate === undefined ? undefined : orEnd(() => positive('rate', rate)),
  profile: values.profile ?? null,
  documents: numberOf('documents'),
  bytes: numberOf('bytes'),
  tell: (line) => console.error(line),
}
// Whoever is impatient and tells it twice must not leave the servers behind.
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    void stopAll().finally(() => process.exit(130))
  })
process.setMaxListeners(100)

console.error(`seed ${options.seed}`)
// As it is now: whoever works on meanwhile changes nothing of what runs.
const commit = await measuredCommit()
const results: Record<string, PartResult & { readonly machine: string }> = {}
try {
  for (const name of names) {
    const loadBefore = loadNow()
    const result = await PARTS[name]!(options)
    const machine = takenUnder(commit, commandOf(name, values), loadBefore)
    results[name] = { ...result, machine }
    console.log(`## ${name}\n\n${sectionOf(result, machine)}\n`)
    if (values.write) await writeResult(name, result, machine)
    if (values.json !== undefined)
      await writeFile(values.json, `${JSON.stringify({ ...options, results }, null, 2)}\n`)
  }
} finally {
  await stopAll()
}
const missed = Object.values(results).some(({ bars }) => bars.some(({ met }) => met === false))
process.exitCode = missed ? 1 : 0
