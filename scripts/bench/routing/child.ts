import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Child<Message> {
  readonly pid: number
  /** The next message of the child. @throws Error where it ends first */
  next(): Promise<Message>
  send(message: string): void
  stop(): Promise<void>
}

/**
 * Starts a script of this folder in a process of its own: what is measured there shares no heap with what measures.
 * Messages wait until they are asked for.
 */
export function startChild<Message>(
  script: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Child<Message> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = fork(path, [...args], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    env: { ...process.env, ...variables },
  })
  const waiting: Message[] = []
  let take: (() => void) | undefined
  let ended = false
  child.on('message', (message) => {
    waiting.push(message as Message)
    take?.()
  })
  child.on('exit', () => {
    ended = true
    take?.()
  })
  return {
    pid: child.pid ?? 0,
    async next() {
      while (waiting.length === 0 && !ended)
        await new Promise<void>((resolve) => {
          take = resolve
        })
      const message = waiting.shift()
      if (message === undefined) throw new Error(`${script} ended with ${child.exitCode}`)
      return message
    },
    send: (message) => void child.send(message),
    async stop() {
      if (ended) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

/** The only message of a child that measures and ends. */
export async function askChild<Message>(
  script: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<Message> {
  const child = startChild<Message>(script, args, variables)
  try {
    return await child.next()
  } finally {
    await child.stop()
  }
}
