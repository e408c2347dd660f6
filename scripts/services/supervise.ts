import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { ServerIdentity } from './identity.ts'

/**
 * Node cannot ask the kernel to end a child with its parent. This shell can notice it: descriptor 3 is a pipe whose
 * other end only the parent holds, so reading it ends when the parent is gone, however it died. The shell sits in a
 * session of its own, so that neither Ctrl-C nor a signal to the parent's process group reaches the server first. It ends
 * after its watcher: when the server's end is told, nothing of it is left.
 */
const WATCH_PARENT = `
signal=$1; shift
"$@" 3<&- 4>&- &
server=$!
echo "$server" >&4; exec 4>&-
{ read -r _ <&3; kill -s "$signal" "$server"; } 2>/dev/null &
watcher=$!
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
exit "$code"
`

export interface ServerCommand {
  readonly command: string
  readonly args: readonly string[]
  /** Takes standard output and standard error; appended to. */
  readonly logFile: string
  /** Asks the server for an orderly end. */
  readonly stopSignal: 'INT' | 'TERM'
  readonly identity: ServerIdentity | null
}

export interface ServerProcess {
  readonly pid: number
  readonly ended: Promise<void>
  hasEnded(): boolean
}

/** Starts a server that ends with this process. The caller still has to find out when it answers. */
export async function supervise(server: ServerCommand): Promise<ServerProcess> {
  const log = await open(server.logFile, 'a', 0o600)
  const shell = spawn(
    '/bin/sh',
    ['-c', WATCH_PARENT, 'supervise', server.stopSignal, server.command, ...server.args],
    {
      detached: true,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', log.fd, log.fd, 'pipe', 'pipe'],
      ...server.identity,
    },
  )
  const ended = endOf(shell)
  try {
    await once(shell, 'spawn')
  } finally {
    await log.close()
  }
  const announced = shell.stdio[4]
  if (announced === null || announced === undefined || !('read' in announced)) throw new Error('no pipe')
  const pid = Number.parseInt(await text(announced), 10)
  if (Number.isNaN(pid)) throw new Error(`${server.command} did not start: ${await tailOf(server.logFile)}`)
  return { pid, ended, hasEnded: () => shell.exitCode !== null || shell.signalCode !== null }
}

function endOf(shell: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    shell.once('exit', () => resolve())
    shell.once('error', () => resolve())
    // The read end vanishes with the server; that is no fault of ours.
    for (const stream of shell.stdio) stream?.on('error', () => undefined)
  })
}

/** The last lines of a log, for messages about a server that would not start. */
export async function tailOf(logFile: string, lines = 12): Promise<string> {
  const log = await readFile(logFile, 'utf8').catch(() => '')
  return log.trimEnd().split('\n').slice(-lines).join('\n')
}
