import { createHash } from 'node:crypto'

export interface WorkTime<T> {
  readonly result: T
  /** Milliseconds on the clock on the wall. */
  readonly wall: number
  /**
   * Milliseconds of processor time of this process: what other processes do beside it does not count. On a machine that
   * is slower than the one that bars are written for, what it would have been there.
   */
  readonly cpu: number
}

/** How long something takes. */
export async function workTime<T>(work: () => Promise<T>): Promise<WorkTime<T>> {
  const before = slowness()
  const began = performance.now()
  const spent = process.cpuUsage()
  const result = await work()
  const cpu = millisecondsSince(spent)
  const wall = performance.now() - began
  return { result, wall, cpu: cpu / Math.max(before, slowness()) }
}

/**
 * The least that something takes, of at most five turns: what the machine, the compiler and the collector of memory add
 * comes once, what the work costs comes each time. What is done within `enoughMs` is not done again.
 */
export async function leastWorkTime<T>(enoughMs: number, work: () => Promise<T>): Promise<WorkTime<T>> {
  let least = await workTime(work)
  for (let turn = 1; turn < 5 && least.cpu > enoughMs; turn += 1) {
    const next = await workTime(work)
    if (next.cpu < least.cpu) least = next
  }
  return least
}

/** What the work of `slowness` takes on the machine that bars are written for, the one of docs/performance.md. */
const REFERENCE_MS = 8
const TURNS = 5
/** What is more comes from elsewhere: a collection of garbage, another thread of this process. */
const MOST = 4

const RECORDS = JSON.stringify(
  Array.from({ length: 2_000 }, (_, n) => ({
    code: `H${n}`,
    name: `Ủy ban nhân dân xã số ${n}`,
    open: true,
  })),
)

/** How many times as long as on that machine the same work takes here and now; at least once. */
function slowness(): number {
  const began = process.cpuUsage()
  for (let turn = 0; turn < TURNS; turn += 1)
    // Of what no compiler makes quicker with the time: a process may have just begun.
    createHash('sha256')
      .update(JSON.stringify(JSON.parse(RECORDS)))
      .digest()
  return Math.min(MOST, Math.max(1, millisecondsSince(began) / REFERENCE_MS))
}

function millisecondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1_000
}
