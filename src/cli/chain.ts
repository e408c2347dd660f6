import { parseArgs } from 'node:util'
import { runBatch } from './batch.ts'
import { chain, readJob } from './chain-job.ts'
import { jsonLine } from './json-line.ts'

export { type ChainJob, chain } from './chain-job.ts'
export type { ChainVerdict } from './chain-report.ts'

const many = { type: 'string', multiple: true } as const
const flag = { type: 'boolean', default: false } as const

const OPTIONS = {
  anchor: many,
  leaf: { type: 'string' },
  untrusted: many,
  crl: many,
  ocsp: many,
  time: { type: 'string' },
  policy: many,
  eku: many,
  'max-intermediates': { type: 'string' },
  'require-explicit-policy': flag,
  'inhibit-policy-mapping': flag,
  'inhibit-any-policy': flag,
  'plain-anchor': flag,
  'refuse-anchor-as-leaf': flag,
  strong: flag,
  strict: flag,
  json: flag,
} as const

/** `tram chain`: one line of JSON. @returns the exit code: 0 only where the path is valid */
export async function chainCommand(args: string[]): Promise<number> {
  if (args.includes('--batch')) return runBatch('chain', args)
  const { values } = parseArgs({ args, options: OPTIONS })
  const verdict = await chain(readJob(values))
  console.log(jsonLine(verdict))
  return verdict.verdict === 'valid' ? 0 : 1
}
