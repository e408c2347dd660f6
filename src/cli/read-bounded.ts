import { createReadStream } from 'node:fs'

/**
 * The bytes of a file, undefined where there are more than `most`: of those no more are read, whatever the file is.
 * @throws what node:fs throws
 */
export async function readBounded(path: string, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(path, { end: most, highWaterMark: 1024 * 1024 }))
    chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  return bytes.length > most ? undefined : bytes
}
