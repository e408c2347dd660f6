export interface WorkTime<T> {
  readonly result: T
  /** Milliseconds on the clock on the wall. */
  readonly wall: number
  /** Milliseconds of processor time of this process: what other processes do beside it does not count. */
  readonly cpu: number
}

/** How long something takes. */
export async function workTime<T>(work: () => Promise<T>): Promise<WorkTime<T>> {
  const began = performance.now()
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return { result, wall: performance.now() - began, cpu: (user + system) / 1_000 }
}
