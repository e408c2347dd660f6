import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'

export interface ChildRun {
  readonly output: string
  readonly milliseconds: number
  /** The most memory that the process ever held, in MiB; undefined where the system does not tell (no /proc). */
  readonly peak: number | undefined
}

/** Runs node with arguments and watches the most memory that it holds. */
export async function runMeasured(args: readonly string[]): Promise<ChildRun> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const parts: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  let peak: number | undefined
  const look = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]
    if (kibibytes !== undefined) peak = Math.max(peak ?? 0, Number(kibibytes) / 1024)
  }, 10)
  await new Promise((resolve) => child.on('close', resolve))
  clearInterval(look)
  return { output: Buffer.concat(parts).toString('utf8'), milliseconds: performance.now() - began, peak }
}
