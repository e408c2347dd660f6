import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { GatewayError } from '../domain/problem.ts'
import { takeTurns } from './turns.ts'

const HEAP_MB = 512
/** A thread takes half a second of processor time to begin, and is kept for so many files and this long without any. */
const MOST_FILES = 100
const IDLE_MS = 30_000
/** Seconds: what one file may take at most. Most take a twentieth of a second, so the queue is short again by then. */
const RETRY_AFTER_S = 10

export interface TextReadersOptions {
  /** The file that a thread runs: it answers the bytes of a PDF by 'begun', and then by its lines or by null. */
  readonly script: string
  readonly threads: number
  /** For one file, in milliseconds, however many threads look at it. */
  readonly deadlineMs: number
  /** Files that wait for a thread at most, and for how many milliseconds. */
  readonly mostWaiting: number
  readonly patienceMs: number
}

/** Reads the lines of a PDF; undefined where it cannot be read. @throws GatewayError `overloaded` where nobody looked at it */
export type LinesOfPdf = (bytes: Uint8Array) => Promise<string[] | undefined>

/**
 * What a thread says of a file: its lines, that it cannot be read, or nothing, for it died of it or found no end. Where it
 * never began with the file, the file is not to blame.
 */
type Said = { readonly lines: string[] } | 'unreadable' | 'died' | 'not-begun'

/** What one thread that has read other files says, and a fresh one may not; not what it died of, or took its time for. */
const FOR_A_FRESH_ONE: ReadonlySet<Said> = new Set<Said>(['unreadable', 'not-begun'])

interface Reader {
  readonly worker: Worker
  /** Where it is while it has no file. */
  readonly home: Reader[]
  files: number
  idle: NodeJS.Timeout | undefined
}

/**
 * Reads the lines of PDFs in threads apart, with an end to their memory and time: a file may be made to swell when it is
 * read. Undefined where one cannot be read, or not within the limits; nobody else's file is read by a thread that could not
 * read one. A file that no thread has looked at - none was free for too long, or none could be begun - may hold anything, so
 * it is no file that cannot be read.
 */
export function textReaders(options: TextReadersOptions): LinesOfPdf {
  const { script, threads, deadlineMs } = options
  const idle: Reader[] = []
  const inTurn = takeTurns({ places: threads, ...options })
  const read = async (bytes: Uint8Array): Promise<Said> => {
    const until = performance.now() + deadlineMs
    const kept = idle.pop()
    const said = kept === undefined ? 'not-begun' : await readBy(kept, bytes, until)
    if (!FOR_A_FRESH_ONE.has(said) || performance.now() >= until) return said
    return readBy(openReader(script, idle), bytes, until)
  }
  return async (bytes) => {
    const said = await inTurn(() => read(bytes)).catch(notLookedAt)
    if (said === 'not-begun') notLookedAt()
    return typeof said === 'object' ? said.lines : undefined
  }
}

/** @throws GatewayError `overloaded` */
function notLookedAt(cause?: unknown): never {
  throw new GatewayError('overloaded', {
    cause,
    retryAfter: RETRY_AFTER_S,
    detail: {
      vi: 'Chưa đến lượt kiểm tra dấu độ mật trong tệp PDF; chưa có gì được nhận, gửi lại là an toàn.',
      en: 'The turn of a PDF to be looked through for marks of secrecy has not come; nothing was taken in, and sending again is safe.',
    },
  })
}

/** The lines of a PDF: `textReaders` as they are meant. A file may wait for longer than the deadline of one before it. */
export const linesOfPdf: LinesOfPdf = textReaders({
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
  // One that ends while nobody asks it is nobody's trouble. It says next to nothing to stderr, which nobody reads: whoever
  // reads it keeps the process from its end.
  worker.on('error', () => undefined)
  worker.on('exit', () => forget(reader))
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
    let isBegun = false
    const settle = (said: Said) => {
      clearTimeout(deadline)
      worker.off('message', told).off('exit', ended)
      resolve(said)
    }
    const told = (word: 'begun' | string[] | null) => {
      if (word === 'begun') isBegun = true
      else settle(word === null ? 'unreadable' : { lines: word })
    }
    // What a thread has said before its end is told before its end is.
    const ended = () => settle(isBegun ? 'died' : 'not-begun')
    const deadline = setTimeout(ended, milliseconds)
    worker.ref()
    worker.on('message', told).on('exit', ended)
    try {
      const own = new Uint8Array(bytes)
      worker.postMessage(own, [own.buffer])
    } catch {
      ended()
    }
  })
}
