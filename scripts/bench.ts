import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { flat } from './bench/load/flat.ts'
import { stopAll } from './bench/load/gateway.ts'
import { gigabyte } from './bench/load/gigabyte.ts'
import { large, type PartOptions, type PartResult, pdf, scale, small } from './bench/load/parts.ts'
import { search } from './bench/load/search.ts'
import { sectionOf, writeResult } from './bench/load/write-page.ts'

/*
 * npm run bench [-- --only small,pdf,large,scale,flat,search,gigabyte] [--seconds 20] [--seed 1] [--json FILE]
 *   [--write] [--rate 50] [--profile FOLDER] [--documents 1000000] [--bytes 1073741824]
 *
 * What the gateway takes in and hands over, at what latency and cost, beside the bare operations of a document. Fresh
 * servers with durable settings, the gateway and its clients in processes of their own. Exit code 1 where a bar is missed.
 */
const PARTS: Readonly<Record<string, (options: PartOptions) => Promise<PartResult>>> = {
  small,
  pdf,
  large,
  scale,
  flat,
  search,
  gigabyte,
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    rate: { type: 'string' },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
    documents: { type: 'string', default: '1000000' },
    bytes: { type: 'string', default: String(2 ** 30) },
  },
})
const names = values.only.split(',')
for (const name of names)
  if (!(name in PARTS)) throw new Error(`no part ${name}: there are ${Object.keys(PARTS).join(', ')}`)
if (values.profile !== undefined) await mkdir(values.profile, { recursive: true })

const options: PartOptions = {
  seconds: Number(values.seconds),
  seed: Number(values.seed),
  rate: values.rate === undefined ? undefined : Number(values.rate),
  profile: values.profile ?? null,
  documents: Number(values.documents),
  bytes: Number(values.bytes),
  tell: (line) => console.error(line),
}
const machine = () =>
  `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ` +
  `load average ${loadavg()[1]?.toFixed(1)} as it ended, seed ${options.seed}`

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopAll().finally(() => process.exit(130)))
process.setMaxListeners(100)

console.error(`seed ${options.seed}`)
const results: Record<string, PartResult> = {}
try {
  for (const name of names) {
    const result = await PARTS[name]!(options)
    results[name] = result
    console.log(`## ${name}\n\n${sectionOf(result, machine())}\n`)
    if (values.write) await writeResult(name, result, machine())
    if (values.json !== undefined)
      await writeFile(
        values.json,
        `${JSON.stringify({ machine: machine(), ...options, results }, null, 2)}\n`,
      )
  }
} finally {
  await stopAll()
}
const missed = Object.values(results).some(({ bars }) => bars.some(({ met }) => met === false))
process.exitCode = missed ? 1 : 0
