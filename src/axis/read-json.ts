import { AxisFault } from './axis-fault.ts'
import { DepthGauge } from './json-depth.ts'

/** Objects and arrays, one within another; lists of the axis have three. */
export const MOST_DEPTH = 64

/**
 * JSON of an answer, whatever it holds.
 * @throws AxisFault `not-json` for pages of proxies, empty answers and those that break off, `answer-invalid` where it
 * is longer or deeper than it may be
 */
export async function readJson(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<unknown> {
  const pieces: Uint8Array[] = []
  const depth = new DepthGauge(MOST_DEPTH)
  let length = 0
  for await (const piece of body) {
    length += piece.length
    if (length > maxBytes)
      throw new AxisFault('answer-invalid', `the answer is longer than ${maxBytes} bytes`)
    if (!depth.holds(piece)) throw tooDeep()
    pieces.push(piece)
  }
  const text = Buffer.concat(pieces)
    .toString('utf8')
    .replace(/^\ufeff/, '')
  try {
    return JSON.parse(text)
  } catch {
    throw new AxisFault(
      'not-json',
      text.trim() === '' ? 'an empty answer' : `the answer is no JSON: ${text.slice(0, 200)}`,
    )
  }
}

export const tooDeep = (): AxisFault =>
  new AxisFault('answer-invalid', `the answer goes deeper than ${MOST_DEPTH} levels`)
