import { readFileSync } from 'node:fs'
import { openHere } from './registry.ts'

/*
 * Opens the registry in a process that has done nothing else, and tells how long that took and what it costs in memory.
 */
export interface StartUp {
  readonly milliseconds: number
  /** Of the processor, in milliseconds: what remains where nobody else wants the machine, beside PostgreSQL's part. */
  readonly processor: number
  /** MiB that the heap and the process have grown by, once everything that is not needed was collected. */
  readonly heap: number
  readonly rss: number
  /** MiB that the process had grown by at its largest. */
  readonly peak: number
  readonly subjects: number
  readonly facts: number
}

const MEBIBYTE = 1024 * 1024
const sizes = () => {
  global.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { heapUsed, rss }
}
const peak = (): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024

const before = sizes()
const began = performance.now()
const cpu = process.cpuUsage()
const registry = await openHere()
const { directory } = registry.current()
const milliseconds = performance.now() - began
const { user, system } = process.cpuUsage(cpu)
const most = peak()
const after = sizes()
let facts = 0
for (const code of directory.codes()) facts += directory.factsOf(code).length
process.send?.({
  milliseconds,
  processor: (user + system) / 1000,
  heap: (after.heapUsed - before.heapUsed) / MEBIBYTE,
  rss: (after.rss - before.rss) / MEBIBYTE,
  peak: most - before.rss / MEBIBYTE,
  subjects: directory.size,
  facts,
} satisfies StartUp)
await registry.close()
process.disconnect?.()
