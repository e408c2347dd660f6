import { readFile, stat } from 'node:fs/promises'
import { readArguments } from './arguments.ts'
import { runBatch } from './batch.ts'
import { withFileSource } from './file-source.ts'
import type { BatchCommand } from './job.ts'
import { requiredText, text } from './job-fields.ts'
import { type TimestampReport, tsverify as verifyToken } from './tsverify-report.ts'

/** Far above any token, evidence included. */
const MAX_TOKEN_BYTES = 64 * 1024 * 1024

/**
 * `tram tsverify TOKEN [--data D]`: prints one line of JSON; without `--json` also the reason, on standard error.
 * @returns the exit code: 0 only for `valid`
 */
export async function tsverify(args: string[]): Promise<number> {
  if (args.includes('--batch')) return runBatch('tsverify', args)
  const { values, positionals } = readArguments(args, ['TOKEN'], {
    data: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  const report = await verifyFiles(positionals[0]!, values.data)
  console.log(JSON.stringify(report))
  if (!values.json && report.reason !== null) console.error(`${report.reason.vi}\n${report.reason.en}`)
  return report.verdict === 'valid' ? 0 : 1
}

/** Answers jobs `{token, data?}`. */
export const tsverifyJobs = (): BatchCommand => async (job) => {
  const token = requiredText(job, 'token')
  return { token, ...(await verifyFiles(token, text(job, 'data'))) }
}

async function verifyFiles(token: string, data: string | undefined): Promise<TimestampReport> {
  // What is no token is not read whole, to be told so.
  const { size } = await stat(token)
  const bytes = size > MAX_TOKEN_BYTES ? Buffer.alloc(0) : await readFile(token)
  return data === undefined
    ? verifyToken(bytes)
    : withFileSource(data, (source) => verifyToken(bytes, source))
}
