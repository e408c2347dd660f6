import { readArguments } from './arguments.ts'
import { runBatch } from './batch.ts'
import { detachedPair } from './detached-pair.ts'
import { instant } from './instant.ts'
import { jsonLine } from './json-line.ts'
import { trustOf } from './trust-of.ts'
import { verifyFiles } from './verify-file.ts'
import type { VerifyReport } from './verify-report.ts'

const OPTIONS = {
  detached: { type: 'string', multiple: true, default: [] as string[] },
  key: { type: 'string' },
  trust: { type: 'string' },
  time: { type: 'string' },
  json: { type: 'boolean', default: false },
  batch: { type: 'boolean', default: false },
} as const

/**
 * `tram verify FILE`: prints one line of JSON; without `--json` also words for people, on standard error.
 * @returns the exit code: 0 only where every signature is intact over the whole document, and, with `--trust`, passed
 */
export async function verify(args: string[]): Promise<number> {
  if (args.includes('--batch')) return runBatch('verify', args)
  const { values, positionals } = readArguments(args, ['FILE'], OPTIONS)
  const report = await verifyFiles({
    file: positionals[0]!,
    detached: values.detached.map(detachedPair),
    time: values.time === undefined ? new Date() : instant('time', values.time),
    ...(values.key === undefined ? {} : { key: values.key }),
    ...(values.trust === undefined ? {} : { trust: await trustOf(values.trust) }),
  })
  console.log(jsonLine(report))
  if (!values.json) for (const line of forPeople(report)) console.error(line)
  return isSound(report, values.trust !== undefined) ? 0 : 1
}

const isSound = ({ overall, signatures }: VerifyReport, withTrust: boolean): boolean =>
  overall === 'intact' && (!withTrust || signatures.every(({ indication }) => indication === 'TOTAL_PASSED'))

function forPeople({ overall, signatures }: VerifyReport): string[] {
  const lines = signatures.flatMap((one) => [
    `  ${one.id}: ${one.integrity}, ${one.indication}${one.subIndication === null ? '' : ` (${one.subIndication})`}`,
    ...one.checks
      .filter(({ outcome, reason }) => outcome !== 'passed' && reason !== undefined)
      .map(({ check, outcome, reason }) => `    ${outcome} ${check}: ${reason!.vi} / ${reason!.en}`),
  ])
  return [overall, ...lines]
}
