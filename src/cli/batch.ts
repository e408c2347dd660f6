import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { BATCH_COMMANDS, type BatchCommandName } from './batch-commands.ts'
import type { BatchCommand, Job } from './job.ts'
import { jsonLine } from './json-line.ts'
import { linesOf } from './lines.ts'
import { UsageError } from './usage-error.ts'

interface JobError {
  readonly error: { readonly code: string; readonly message: string }
}

/** Far above any honest list of files. */
const MAX_LINE_BYTES = 16 * 1024 * 1024
/** The work for a job is bounded by itself; this is for a file system that does not answer. */
const JOB_MILLISECONDS = 120_000

/**
 * Answers one line of JSON for each line of standard input, in their order, with one job in hand at a time: memory does
 * not grow with their number. A job that fails is answered with `{error: {code, message}}`, and the next one is taken.
 * @returns the exit code: 0 where all jobs were answered without an error
 */
export async function runBatch(
  name: BatchCommandName,
  args: readonly string[],
  input: Readable = process.stdin,
  output: Writable = process.stdout,
): Promise<number> {
  const others = args.filter((one) => one !== '--batch' && one !== '--json')
  if (others.length > 0) throw new UsageError(`--batch takes its jobs from standard input, not ${others[0]}`)
  const command = await BATCH_COMMANDS[name]()
  let failures = 0
  for await (const line of linesOf(input, MAX_LINE_BYTES)) {
    if (line !== null && line.trim() === '') continue
    const answer = await answerTo(command, line)
    if ('error' in answer) failures += 1
    if (!output.write(`${jsonLine(answer)}\n`)) await once(output, 'drain')
  }
  return failures === 0 ? 0 : 1
}

async function answerTo(command: BatchCommand, line: string | null): Promise<object> {
  if (line === null) return failure('job-too-long', `a job is at most ${MAX_LINE_BYTES} bytes`)
  let job: unknown
  try {
    job = JSON.parse(line)
  } catch (error) {
    return failure('json-invalid', (error as Error).message)
  }
  if (!isJob(job)) return failure('json-invalid', 'a job is a JSON object')
  const echo = Object.hasOwn(job, 'id') ? { id: job.id } : {}
  return { ...echo, ...(await inTime(command(job)).catch(errorOf)) }
}

const isJob = (value: unknown): value is Job =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const failure = (code: string, message: string): JobError => ({ error: { code, message } })

function errorOf(error: NodeJS.ErrnoException): JobError {
  if (error instanceof UsageError) return failure('job-invalid', error.message)
  // What node:fs says of a path.
  if (error.syscall !== undefined) return failure('file-unreadable', error.message)
  return failure('internal', error.message)
}

async function inTime(work: Promise<object>): Promise<object> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<object>((resolve) => {
    const answer = failure('job-too-slow', `no answer within ${JOB_MILLISECONDS} ms`)
    timer = setTimeout(resolve, JOB_MILLISECONDS, answer)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
