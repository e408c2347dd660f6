import type { Service } from '../../services/service.ts'
import { peakMemory, postgresMemory } from './spending.ts'

/** MiB at the largest. */
export interface Memory {
  /** Of each API and worker since it began (VmHWM). */
  readonly processes: Readonly<Record<string, number>>
  /** Of all processes of PostgreSQL together, what they share counted once (Pss), as seen once a second. */
  readonly postgres: number
  /** Since it began (VmHWM). */
  readonly redis: number
}

/** Whose memory is looked at. */
export interface Holders {
  readonly processes: readonly { readonly name: string; readonly pid: number }[]
  readonly postgres: Pick<Service, 'pid'>
  readonly redis: Pick<Service, 'pid'>
}

/** Each process counts its own peak, but nobody that of many together: their sum is looked at so often. */
const LOOK_EVERY_MS = 1_000

/** The largest of what is seen before some work, now and then while it goes on, and after it. */
export async function peakWhile<T>(
  look: () => number,
  work: () => Promise<T>,
  everyMs = LOOK_EVERY_MS,
): Promise<{ readonly result: T; readonly peak: number }> {
  let peak = look()
  const more = () => {
    peak = Math.max(peak, look())
  }
  const timer = setInterval(more, everyMs)
  try {
    const result = await work()
    more()
    return { result, peak }
  } finally {
    clearInterval(timer)
  }
}

/** What everybody held at the largest while some work went on. */
export async function memoryWhile<T>(
  { processes, postgres, redis }: Holders,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly memory: Memory }> {
  const { result, peak } = await peakWhile(() => postgresMemory(postgres.pid), work)
  const memory = {
    processes: Object.fromEntries(processes.map(({ name, pid }) => [name, peakMemory(pid)])),
    postgres: peak,
    redis: peakMemory(redis.pid),
  }
  return { result, memory }
}
