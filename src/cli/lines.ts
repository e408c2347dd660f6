import type { Readable } from 'node:stream'

const LINE_FEED = 0x0a

/**
 * The lines of a stream, UTF-8, without their ends; null for a line of more bytes than `most`, which is never whole in
 * memory. The last line needs no end.
 */
export async function* linesOf(input: Readable, most: number): AsyncGenerator<string | null> {
  let held: Buffer[] = []
  let length = 0
  const take = (part: Buffer) => {
    length += part.length
    if (length <= most) held.push(part)
    else held = []
  }
  const line = () => {
    const text = length > most ? null : Buffer.concat(held).toString('utf8')
    held = []
    length = 0
    return text
  }
  for await (const read of input) {
    const chunk = Buffer.from(read as Uint8Array)
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      take(chunk.subarray(start, end))
      start = end + 1
      yield line()
    }
    take(chunk.subarray(start))
  }
  if (length > 0) yield line()
}
