import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** What a command of Tram came to. */
export interface CommandOutcome {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

export interface CommandOptions {
  /** The built program. */
  readonly program: string
  readonly variables: Readonly<Record<string, string>>
  /** Ends it. */
  readonly over: AbortSignal
}

/** Runs `tram <args>` in a process of its own, as an operator does. */
export async function runProgram(
  args: readonly string[],
  { program, variables, over }: CommandOptions,
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH ?? '', USER: 'trial', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = () => void child.kill('SIGKILL')
  over.addEventListener('abort', end)
  process.once('exit', end)
  try {
    const ended = once(child, 'exit')
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
    await ended
    return { exit: child.exitCode, out, err }
  } finally {
    over.removeEventListener('abort', end)
    process.off('exit', end)
  }
}
