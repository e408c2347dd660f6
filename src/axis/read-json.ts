import { AxisFault } from './axis-fault.ts'

/**
 * JSON of an answer, whatever it holds.
 * @throws AxisFault `not-json` for pages of proxies, empty answers and those that break off, `answer-invalid` where it
 * is longer than it may be
 */
export async function readJson(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<unknown> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body) {
    length += piece.length
    if (length > maxBytes)
      throw new AxisFault('answer-invalid', `the answer is longer than ${maxBytes} bytes`)
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
