import { realpath } from 'node:fs/promises'
import { SignatureStop } from '../signature/checks.ts'
import { readArguments, required } from './arguments.ts'
import { runBatch } from './batch.ts'
import { canonicalAnswer } from './canonical-answer.ts'
import { canonicalizeFile, entitiesBeside, readXmlFile } from './canonicalize-file.ts'
import { jsonLine } from './json-line.ts'
import { UsageError } from './usage-error.ts'

/** `tram canonicalize FILE --alg A …`: canonical octets to standard output. Answers the exit code. */
export async function canonicalize(args: string[]): Promise<number> {
  if (args.includes('--batch')) return runBatch('canonicalize', args)
  const { values, positionals } = readArguments(args, ['FILE'], {
    alg: { type: 'string' },
    'element-index': { type: 'string' },
    prefixes: { type: 'string' },
    xpath: { type: 'string' },
    reference: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  const file = positionals[0]!
  try {
    const octets = canonicalizeFile(await readXmlFile(file), {
      alg: values.reference === undefined ? required('alg', values.alg) : '',
      ...optional('reference', values.reference),
      ...optional('elementIndex', values['element-index']),
      ...(values.prefixes !== undefined && { prefixes: values.prefixes }),
      ...(values.xpath !== undefined && { xpath: await readXmlFile(values.xpath) }),
      entity: entitiesBeside(await realpath(file)),
    })
    if (values.json) console.log(jsonLine(canonicalAnswer(file, values.alg ?? '', octets)))
    else await new Promise((resolve) => process.stdout.write(octets, resolve))
    return 0
  } catch (error) {
    if (!(error instanceof SignatureStop) && !isFileError(error)) throw error
    const { reason, code } = error instanceof SignatureStop ? error.check : {}
    if (values.json) console.log(jsonLine({ file, error: { code, message: error.message, ...reason } }))
    else console.error(reason === undefined ? error.message : `${reason.vi}\n${reason.en}`)
    return 1
  }
}

const isFileError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error

/** @throws UsageError where it is given and no position */
function optional<K extends string>(name: K, text: string | undefined): { [P in K]?: number } {
  if (text === undefined) return {}
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${text} is no position`)
  return { [name]: Number(text) } as { [P in K]?: number }
}
