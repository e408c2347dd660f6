import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TRAM = join(ROOT, 'src/bin/tram.mjs')

function spawnTram(args: readonly string[], variables: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--import', './scripts/strip-types.mjs', TRAM, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** What a process says on its standard error: kept until `show` is called, printed from then on. */
function complaints(child: ChildProcess): { readonly lines: readonly string[]; show(): void } {
  const lines: string[] = []
  let shown = false
  createInterface(child.stderr!).on('line', (line) => (shown ? console.error(line) : lines.push(line)))
  return {
    lines,
    show() {
      shown = true
      for (const line of lines) console.error(line)
    },
  }
}

/** @throws Error with the reason in one line */
export async function runToEnd(args: readonly string[], variables: Record<string, string>): Promise<void> {
  const child = spawnTram(args, variables)
  const { lines } = complaints(child)
  child.stdout!.resume()
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw endedWith(`tram ${args.join(' ')}`, code, lines)
}

/**
 * Starts a process and waits until it says that it is ready. Of what it logs, warnings are shown, and errors; or what
 * is of the level `shownFrom` (pino's numbers) and above.
 * @throws Error with the reason in one line, where it ends before
 */
export function start(
  processes: Map<string, ChildProcess>,
  name: string,
  args: readonly string[],
  variables: Record<string, string>,
  shownFrom = 40,
): Promise<void> {
  const child = spawnTram(args, { ...variables, TRAM_LOG_LEVEL: 'info' })
  processes.set(name, child)
  const { lines, show } = complaints(child)
  return new Promise((resolve, reject) => {
    child.on('close', (code) => reject(endedWith(name, code, lines)))
    createInterface(child.stdout!).on('line', (line) => {
      const entry = parseLog(line)
      if (entry === undefined) return console.error(line)
      if (entry.msg === 'ready') {
        show()
        resolve()
      }
      if (entry.level >= shownFrom) console.error(`  [${name}] ${line}`)
    })
  })
}

/** Of a stack trace, the line that says what went wrong. */
function endedWith(name: string, code: unknown, complaints: readonly string[]): Error {
  const reason = complaints.find((line) => /^\w*Error\b/.test(line)) ?? complaints.join(' ')
  return new Error(`${name} ended with ${String(code)}: ${reason}`)
}

function parseLog(line: string): { level: number; msg: string } | undefined {
  try {
    return JSON.parse(line) as { level: number; msg: string }
  } catch {
    return undefined
  }
}

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
}

/** Ends a process at once, whatever it is at. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await ended
}
