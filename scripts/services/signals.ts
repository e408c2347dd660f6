import { readFile } from 'node:fs/promises'

/** Sends a signal to a process that may have ended a moment ago. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Kills a process and its children, without a moment in which it could start another. */
export async function killFamily(pid: number): Promise<void> {
  sendSignal(pid, 'SIGSTOP')
  const children = await childrenOf(pid)
  for (const member of [pid, ...children]) sendSignal(member, 'SIGKILL')
}

/** Stops a process and its children in the midst of whatever they do, until `thawFamily`. */
export async function freezeFamily(pid: number): Promise<void> {
  sendSignal(pid, 'SIGSTOP')
  for (const child of await childrenOf(pid)) sendSignal(child, 'SIGSTOP')
}

export async function thawFamily(pid: number): Promise<void> {
  for (const child of await childrenOf(pid)) sendSignal(child, 'SIGCONT')
  sendSignal(pid, 'SIGCONT')
}

/** What the kernel of Linux knows; nothing elsewhere. */
export async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return list.split(' ').filter(Boolean).map(Number)
}
