import { readArguments } from './arguments.ts'
import { runBatch } from './batch.ts'
import { jsonLine } from './json-line.ts'
import { verifyTokenFile } from './tsverify-job.ts'

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
  const report = await verifyTokenFile(positionals[0]!, values.data)
  console.log(jsonLine(report))
  if (!values.json && report.reason !== null) console.error(`${report.reason.vi}\n${report.reason.en}`)
  return report.verdict === 'valid' ? 0 : 1
}
