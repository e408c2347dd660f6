import { main } from '../../src/bin/main.ts'

export interface TramOutcome {
  /** Exit code. */
  readonly exit: number
  readonly out: string
  readonly err: string
}

/** `tram <args>` in this process, with the variables of this process; one at a time, for it takes the console. */
export async function tram(...args: string[]): Promise<TramOutcome> {
  const [out, err]: [string[], string[]] = [[], []]
  const { log, error } = console
  const listeners = process.stdout.listeners('error')
  console.log = (line: string) => void out.push(line)
  console.error = (line: string) => void err.push(line)
  try {
    return { exit: await main(args), out: out.join('\n'), err: err.join('\n') }
  } finally {
    Object.assign(console, { log, error })
    // A process has one command: here many would each leave what they do where their output is closed.
    for (const listener of process.stdout.listeners('error'))
      if (!listeners.includes(listener)) process.stdout.off('error', listener as (error: Error) => void)
  }
}
