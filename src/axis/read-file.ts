import { AxisFault, isSuccess } from './axis-fault.ts'
import type { TakeContent } from './client-types.ts'
import type { Answer } from './exchange.ts'
import { readResult } from './read-answers.ts'
import { handOn } from './read-edoc.ts'
import { readJson } from './read-json.ts'

/** Bytes by which a file is told from a page and from a refusal. */
const ENOUGH = 512
const PAGE = /^\s*<(?:!doctype\s+html|html)\b/i
const REFUSAL_BYTES = 64 * 1024

/**
 * Reads downloadEdoc's answer, which is the file alone: the operation has no other way to say no than JSON or a page.
 * @throws AxisFault, OwnError with whatever `take` throws
 */
export async function readFile<T>(
  { httpStatus, body }: Answer,
  maxBytes: number,
  take: TakeContent<T>,
): Promise<T> {
  const pieces = body[Symbol.asyncIterator]()
  const start: Uint8Array[] = []
  let length = 0
  while (length < ENOUGH) {
    const piece = await pieces.next()
    if (piece.done === true) break
    start.push(piece.value)
    length += piece.value.length
  }
  const rest = { [Symbol.asyncIterator]: () => pieces }
  const text = Buffer.concat(start)
    .toString('utf8', 0, ENOUGH)
    .replace(/^\ufeff/, '')
  if (text.trimStart().startsWith('{')) {
    readResult(await readJson(following(start, rest), REFUSAL_BYTES), httpStatus)
    throw new AxisFault('answer-invalid', 'JSON instead of the file')
  }
  if (PAGE.test(text)) throw new AxisFault('not-json', `a page: ${text}`)
  if (!isSuccess(httpStatus)) throw new AxisFault('http', `HTTP ${httpStatus}: ${text}`)
  if (length === 0) throw new AxisFault('answer-invalid', 'an empty file')
  return handOn(bounded(following(start, rest), maxBytes), take)
}

async function* following(start: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>) {
  yield* start
  yield* rest
}

async function* bounded(content: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let length = 0
  for await (const piece of content) {
    length += piece.length
    if (length > maxBytes)
      throw new AxisFault('answer-invalid', `the packet is longer than ${maxBytes} bytes`)
    yield piece
  }
}
