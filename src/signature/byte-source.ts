/** Bytes that can be read in parts, so that a large file is never whole in memory. */
export interface ByteSource {
  /** In bytes. */
  readonly length: number
  /** `start` inclusive, `end` exclusive. */
  read(start: number, end: number): Promise<Uint8Array>
}

/** Bytes read in one piece; the window of a scan. */
export const WINDOW = 1024 * 1024

/** The bytes of a source, or of a part of it, in pieces. */
export async function* chunksOf(
  source: ByteSource,
  start = 0,
  end = source.length,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += WINDOW) yield await source.read(at, Math.min(at + WINDOW, end))
}

export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  length: bytes.length,
  read: async (start, end) => bytes.subarray(start, end),
})
