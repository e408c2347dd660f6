import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { childrenOf } from '../../services/signals.ts'

/** Which cores are whose, in the words of taskset. */
export interface Division {
  readonly gateway: string
  readonly senders: string
}

/** The last core is the senders', all before it the gateway's; null where there is but one. */
export function divideCores(count = availableParallelism()): Division | null {
  if (count < 2) return null
  return { gateway: count === 2 ? '0' : `0-${count - 2}`, senders: String(count - 1) }
}

/**
 * Lets processes, with their threads and children, run on these cores alone (taskset of util-linux). What they start later
 * stays there too. @throws Error where there is no taskset
 */
export async function pin(cores: string, pids: readonly number[]): Promise<void> {
  // A child may have ended meanwhile; the one that was named has not.
  for (const pid of pids)
    for (const member of [pid, ...(await childrenOf(pid))])
      await promisify(execFile)('taskset', ['-acp', cores, String(member)]).catch((error: unknown) => {
        if (member === pid) throw error
      })
}
