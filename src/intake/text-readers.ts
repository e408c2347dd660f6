import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

const WORKER = fileURLToPath(new URL('./text-layer-worker.mjs', import.meta.url))
/** For one file, in milliseconds. */
const DEADLINE_MS = 10_000
const HEAP_MB = 512
/** A thread takes half a second of processor time to begin, and is kept for so many files and this long without any. */
const MOST_FILES = 100
const IDLE_MS = 30_000
const MOST_THREADS = Math.min(4, Math.max(2, availableParallelism()))

interface Reader {
  readonly worker: Worker
  files: number
  idle: NodeJS.Timeout | undefined
}

const idle: Reader[] = []
const waiting: (() => void)[] = []
let busy = 0

/**
 * The lines of a PDF, read in a thread apart, with an end to its memory and time: a file may be made to swell when it is
 * read. Undefined where it cannot be read, or not within the limits; nobody else's file is read by that thread again.
 */
export async function linesOfPdf(bytes: Uint8Array): Promise<string[] | undefined> {
  if (busy >= MOST_THREADS) await new Promise<void>((resolve) => waiting.push(resolve))
  else busy += 1
  try {
    const kept = idle.pop()
    const lines = kept && (await readBy(kept, bytes))
    // What one that has read others cannot read is for a fresh one to say.
    return lines ?? (await readBy(openReader(), bytes))
  } finally {
    const next = waiting.shift()
    if (next === undefined) busy -= 1
    else next()
  }
}

async function readBy(reader: Reader, bytes: Uint8Array): Promise<string[] | undefined> {
  clearTimeout(reader.idle)
  reader.files += 1
  const lines = await ask(reader, bytes)
  if (lines === undefined || reader.files >= MOST_FILES) await reader.worker.terminate()
  else rest(reader)
  return lines
}

function openReader(): Reader {
  const limits = { maxOldGenerationSizeMb: HEAP_MB }
  const worker = new Worker(WORKER, { resourceLimits: limits, execArgv: [], stderr: true })
  const reader: Reader = { worker, files: 0, idle: undefined }
  // One that ends while nobody asks it is nobody's trouble.
  worker.on('error', () => undefined)
  worker.on('exit', () => forget(reader))
  return reader
}

function rest(reader: Reader): void {
  // A process that has nothing else to do may end.
  reader.worker.unref()
  reader.idle = setTimeout(() => {
    forget(reader)
    void reader.worker.terminate()
  }, IDLE_MS).unref()
  idle.push(reader)
}

function forget(reader: Reader): void {
  const at = idle.indexOf(reader)
  if (at >= 0) idle.splice(at, 1)
}

async function ask({ worker }: Reader, bytes: Uint8Array): Promise<string[] | undefined> {
  const deadline = setTimeout(() => void worker.terminate(), DEADLINE_MS)
  const over = new AbortController()
  const { signal } = over
  worker.ref()
  try {
    const answer = once(worker, 'message', { signal })
    const end = once(worker, 'exit', { signal }).then(() => [undefined])
    const own = new Uint8Array(bytes)
    worker.postMessage(own, [own.buffer])
    const [lines] = await Promise.race([answer, end])
    return lines
  } catch {
    return undefined
  } finally {
    clearTimeout(deadline)
    over.abort()
  }
}
