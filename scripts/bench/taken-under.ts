import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { fileSystemOf } from './file-system.ts'

/** Values of options as they are typed. */
export type Typed = Readonly<Record<string, string | boolean | undefined>>

/** Options that change what every part measures, and those that change what one does. */
const OF_ALL = ['seconds', 'seed', 'rate']
const OF_ONE: Readonly<Record<string, readonly string[]>> = {
  flat: ['documents'],
  search: ['documents'],
  gigabyte: ['bytes'],
}

/** The command that repeats one part of the bench, with everything that its figures depend on. */
export function commandOf(part: string, values: Typed): string {
  const names = [...OF_ALL, ...(OF_ONE[part] ?? [])].filter((name) => values[name] !== undefined)
  return ['npm run bench --', `--only ${part}`, ...names.map((name) => `--${name} ${values[name]}`)].join(' ')
}

/** Where the trials' servers lie: PostgreSQL does not run as root, and so not in a folder that is root's own. */
const postgresFolder = (): string => (process.getuid?.() === 0 ? '/var/tmp' : tmpdir())

/** Processes that ran or waited for a processor, on average over the last minute. */
export const loadNow = (): string => loadavg()[0]!.toFixed(1)

/** What a part was taken on, of which commit and how, in one line. */
export const takenUnder = (commit: string, command: string, loadBefore: string): string =>
  [
    `${cpus().length} × ${cpus()[0]?.model ?? '?'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Node ${process.version}`,
    `PostgreSQL on ${fileSystemOf(postgresFolder())}`,
    commit,
    `load average ${loadBefore} as it began and ${loadNow()} as it ended`,
    `\`${command}\``,
  ].join(', ')
