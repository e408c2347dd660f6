import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { takeTurns } from './turns.ts'

const HEAP_MB = 512
/** A thread takes half a second of processor time to begin, and is kept for so many files and this long without any. */
const MOST_FILES = 100
const IDLE_MS = 30_000

export interface TextReadersOptions {
  /** The file that a thread runs: it answers the bytes of a PDF by its lines, or by null. */
  readonly script: string
  readonly threads: number
  /** For one file, in milliseconds, however many threads look at it. */
  readonly deadlineMs: number
  /** Files that wait for a thread at most, and for how many milliseconds. */
  readonly mostWaiting: number
  readonly patienceMs: number
}

/** What a thread says of a file: its lines, that it cannot be read, or nothing, for it died of it. */
type Said = { readonly lines: string[] } | 'unreadable' | 'died'

interface Reader {
  readonly worker: Worker
  /** Where it is while it has no file. */
  readonly home: Reader[]
  files: number
  idle: NodeJS.Timeout | undefined
}

/**
 * Reads the lines of PDFs in threads apart, with an end to their memory and time: a file may be made to swell when it is
 * read. Undefined where one cannot be read, or not within the limits, or no thread was free for too long; nobody else's
 * file is read by a thread that could not read one. It never throws.
 */
export function textReaders(
  options: TextReadersOptions,
): (bytes: Uint8Array) => Promise<string[] | undefined> {
  const { script, threads, deadlineMs } = options
  const idle: Reader[] = []
  const inTurn = takeTurns({ places: threads, ...options })
  const read = async (bytes: Uint8Array): Promise<Said> => {
    const until = performance.now() + deadlineMs
    const kept = idle.pop()
    const said = kept === undefined ? undefined : await readBy(kept, bytes, until)
    // What one that has read others cannot read is for a fresh one to say; not what it died of, or took its time for.
    if (said !== undefined && (said !== 'unreadable' || performance.now() >= until)) return said
    return readBy(openReader(script, idle), bytes, until)
  }
  return async (bytes) => {
    const said = await inTurn(() => read(bytes)).catch((): Said => 'died')
    return typeof said === 'object' ? said.lines : undefined
  }
}

/** The lines of a PDF: `textReaders` as they are meant. A file may wait for longer than the deadline of one before it. */
export const linesOfPdf = textReaders({
  script: fileURLToPath(new URL('./text-layer-worker.mjs', import.meta.url)),
  threads: Math.min(4, Math.max(2, availableParallelism())),
  deadlineMs: 10_000,
  mostWaiting: 32,
  patienceMs: 15_000,
})

async function readBy(reader: Reader, bytes: Uint8Array, until: number): Promise<Said> {
  clearTimeout(reader.idle)
  reader.files += 1
  const said = await ask(reader, bytes, until - performance.now())
  if (typeof said === 'object' && reader.files < MOST_FILES) rest(reader)
  else await end(reader)
  return said
}

function openReader(script: string, home: Reader[]): Reader {
  const limits = { maxOldGenerationSizeMb: HEAP_MB }
  const worker = new Worker(script, { resourceLimits: limits, execArgv: [], stderr: true })
  const reader: Reader = { worker, home, files: 0, idle: undefined }
  // One that ends while nobody asks it is nobody's trouble; what it says of a file to stderr is nobody's interest.
  worker.on('error', () => undefined)
  worker.on('exit', () => forget(reader))
  worker.stderr.resume()
  return reader
}

function rest(reader: Reader): void {
  // A process that has nothing else to do may end.
  reader.worker.unref()
  reader.idle = setTimeout(() => void end(reader), IDLE_MS).unref()
  reader.home.push(reader)
}

const end = async (reader: Reader): Promise<void> => {
  forget(reader)
  await reader.worker.terminate().catch(() => undefined)
}

function forget(reader: Reader): void {
  const at = reader.home.indexOf(reader)
  if (at >= 0) reader.home.splice(at, 1)
}

function ask({ worker }: Reader, bytes: Uint8Array, milliseconds: number): Promise<Said> {
  return new Promise((resolve) => {
    const settle = (said: Said) => {
      clearTimeout(deadline)
      worker.off('message', told).off('exit', died)
      resolve(said)
    }
    const told = (lines: string[] | null) => settle(lines === null ? 'unreadable' : { lines })
    const died = () => settle('died')
    const deadline = setTimeout(died, milliseconds)
    worker.ref()
    worker.on('message', told).on('exit', died)
    try {
      const own = new Uint8Array(bytes)
      worker.postMessage(own, [own.buffer])
    } catch {
      died()
    }
  })
}
