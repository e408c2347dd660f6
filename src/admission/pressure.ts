import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Pool } from '../db/pool.ts'

const LOOK_EVERY_MS = 500
/** From this mean delay of the event loop on a process does not keep up with what it has taken on. */
const LATE_MS = 250
const NANOSECONDS = 1e6

export interface Pressure {
  /** Whether the process has more under way than it can do: its event loop is late, or it waits for the database. */
  isHigh(): boolean
  close(): void
}

export function watchPressure(pool: Pick<Pool, 'waitingCount' | 'options'>): Pressure {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  let late = false
  const timer = setInterval(() => {
    late = delay.mean / NANOSECONDS > LATE_MS
    delay.reset()
  }, LOOK_EVERY_MS).unref()
  return {
    isHigh: () => late || pool.waitingCount > 2 * pool.options.max,
    close() {
      clearInterval(timer)
      delay.disable()
    },
  }
}
