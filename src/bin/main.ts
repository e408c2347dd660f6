import { parseArgs } from 'node:util'
import { ConfigError } from '../config.ts'
import type { Bilingual } from '../domain/bilingual.ts'

/** Runs a command with what stands behind its name. Answers the exit code. */
export type Run = (args: string[]) => Promise<number>

export interface Command {
  readonly usage: string
  readonly purpose: Bilingual
  /** Loaded when it is called: `tram edxml validate` needs no database driver. */
  readonly load: () => Promise<Run>
}

/** Every command of `tram`, by its name of one or two words. */
const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    usage: 'serve',
    purpose: { vi: 'chạy API', en: 'runs the API' },
    load: async () => (await import('./serve.ts')).serve,
  },
  worker: {
    usage: 'worker',
    purpose: { vi: 'chạy bộ chuyển văn bản', en: 'runs a worker that sends deliveries' },
    load: async () => (await import('./worker.ts')).worker,
  },
  migrate: {
    usage: 'migrate',
    purpose: { vi: 'nâng cấp cơ sở dữ liệu và hàng đợi', en: 'brings database and queue up to date' },
    load: async () => (await import('./migrate.ts')).migrate,
  },
  'edxml validate': {
    usage: 'edxml validate FILE… [--json]',
    purpose: { vi: 'kiểm tra gói tin edXML', en: 'checks edXML packets' },
    load: async () => {
      const { edxmlValidate } = await import('../cli/edxml-validate.ts')
      return (args) => {
        const { values, positionals } = parseArgs({
          args,
          allowPositionals: true,
          options: { json: { type: 'boolean', default: false } },
        })
        if (positionals.length === 0) throw new UsageError('no file is named')
        return edxmlValidate(positionals, values, (line) => console.log(line))
      }
    },
  },
}

/** What was typed is not a command. */
export class UsageError extends Error {}

/** `tram <command> …`. @returns the exit code: 2 for a command or an option that does not exist */
export async function main(argv: string[]): Promise<number> {
  // `tram … | head` closes our output: that is the reader's wish and no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const name = [argv.slice(0, 2).join(' '), argv[0] ?? ''].find((words) => Object.hasOwn(COMMANDS, words))
  const command = name === undefined ? undefined : COMMANDS[name]
  if (name === undefined || command === undefined) {
    const asked = argv[0] === 'help' || argv[0] === '--help'
    console[asked ? 'log' : 'error'](usage())
    return asked ? 0 : 2
  }
  try {
    const run = await command.load()
    return await run(argv.slice(name.split(' ').length))
  } catch (error) {
    if (error instanceof ConfigError) {
      console.error(error.message)
      return 1
    }
    if (!isUsageError(error)) throw error
    console.error(`${error.message}\n\n  tram ${command.usage}`)
    return 2
  }
}

const isUsageError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))

function usage(): string {
  const lines = Object.values(COMMANDS).map(
    ({ usage, purpose }) => `  tram ${usage.padEnd(44)} ${purpose.en} / ${purpose.vi}`,
  )
  return ['tram <command>', '', ...lines].join('\n')
}
