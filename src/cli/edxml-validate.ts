import { createReadStream } from 'node:fs'
import { discardingStage } from '../blobs/memory-stage.ts'
import { type Fault, hasErrors } from '../domain/fault.ts'
import { GatewayError, PROBLEMS } from '../domain/problem.ts'
import { DEFAULT_LIMITS, parsePacket } from '../edxml/parse-packet.ts'
import { validateEnvelope } from '../edxml/validate-envelope.ts'
import { ruleFaults } from '../intake/check-rules.ts'

/** What is told of one file. */
interface Verdict {
  readonly file: string
  readonly accepted: boolean
  readonly kind: 'document' | 'status' | null
  readonly operation: string | null
  readonly faults: readonly Fault[]
}

/**
 * Checks edXML files as the gateway's intake would, without any service. One JSON line a file where `json`, lines for
 * people otherwise.
 * @returns the exit code: 0 only if every file is accepted
 */
export async function edxmlValidate(
  files: string[],
  options: { json: boolean },
  out: (line: string) => void,
): Promise<number> {
  let refused = files.length === 0
  for (const file of files) {
    const verdict = await judge(file)
    refused ||= !verdict.accepted
    if (options.json) out(JSON.stringify(verdict))
    else for (const line of forPeople(verdict)) out(line)
  }
  return refused ? 1 : 0
}

async function judge(file: string): Promise<Verdict> {
  try {
    const parsed = await parsePacket(createReadStream(file), discardingStage(), DEFAULT_LIMITS)
    const { envelope } = parsed
    const faults = [...parsed.faults, ...validateEnvelope(parsed), ...ruleFaults(parsed)]
    const foreign = faults.some(({ code }) => code === 'root-unexpected')
    return {
      file,
      accepted: !hasErrors(faults),
      kind: foreign ? null : envelope.kind,
      operation: envelope.kind === 'document' && !foreign ? envelope.business.operation : null,
      faults,
    }
  } catch (error) {
    return { file, accepted: false, kind: null, operation: null, faults: faultsOf(error) }
  }
}

function faultsOf(error: unknown): readonly Fault[] {
  if (error instanceof GatewayError) {
    if (error.faults.length > 0) return error.faults
    return [{ code: error.code, severity: 'error', hint: PROBLEMS[error.code].advice }]
  }
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  const hint = { vi: 'Không đọc được tệp.', en: 'The file cannot be read.' }
  return [{ code: 'file-unreadable', severity: 'error', found: code, hint }]
}

function forPeople({ file, accepted, kind, operation, faults }: Verdict): string[] {
  const what = [kind, operation].filter((word) => word !== null).join(', ')
  const verdict = accepted ? 'ĐẠT / accepted' : 'KHÔNG ĐẠT / refused'
  return [`${file}: ${verdict}${what === '' ? '' : ` (${what})`}`, ...faults.flatMap(faultLines)]
}

function faultLines(fault: Fault): string[] {
  const where = [fault.line === undefined ? '' : `line ${fault.line}`, fault.path ?? '']
    .filter(Boolean)
    .join(' ')
  const seen = [
    fault.found === undefined ? '' : `found: ${JSON.stringify(fault.found)}`,
    fault.expected === undefined ? '' : `expected: ${fault.expected}`,
  ].filter(Boolean)
  return [
    `  ${fault.severity} ${fault.code}${where === '' ? '' : ` at ${where}`}`,
    ...(seen.length > 0 ? [`    ${seen.join('; ')}`] : []),
    `    ${fault.hint.vi}`,
    `    ${fault.hint.en}`,
  ]
}
