import { open } from 'node:fs/promises'
import type { ByteSource } from '../signature/byte-source.ts'

/**
 * Lends out a file as a source that is read window by window, so that its length costs no memory.
 * @throws what node:fs throws where the file cannot be opened; an Error where it shrinks while it is read
 */
export async function withFileSource<T>(path: string, work: (source: ByteSource) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    return await work({
      length: size,
      read: async (start, end) => {
        const window = Buffer.allocUnsafe(end - start)
        let filled = 0
        while (filled < window.length) {
          const { bytesRead } = await handle.read(window, filled, window.length - filled, start + filled)
          if (bytesRead === 0) throw new Error(`${path} has fewer bytes than it had`)
          filled += bytesRead
        }
        return window
      },
    })
  } finally {
    await handle.close()
  }
}

/** The same for several files by name, each open for as long as the work goes on. */
export async function withFileSources<T>(
  files: readonly (readonly [name: string, path: string])[],
  work: (sources: ReadonlyMap<string, ByteSource>) => Promise<T>,
  opened: ReadonlyMap<string, ByteSource> = new Map(),
): Promise<T> {
  const [next, ...rest] = files
  if (next === undefined) return work(opened)
  const [name, path] = next
  return withFileSource(path, (source) => withFileSources(rest, work, new Map([...opened, [name, source]])))
}
