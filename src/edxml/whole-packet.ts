/** Bytes that came, and, where there are more than were asked for, those that are to come. */
export interface Beginning {
  readonly chunks: readonly Uint8Array[]
  readonly isWhole: boolean
  /** All bytes from the first on. To be read to its end, or let go of, where they are not whole. */
  readonly all: AsyncIterable<Uint8Array>
}

/** Takes a stream until it ends, or more than `most` bytes have come. */
export async function beginningOf(content: AsyncIterable<Uint8Array>, most: number): Promise<Beginning> {
  const source = content[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let length = 0
  for (let one = await source.next(); one.done !== true; one = await source.next()) {
    // Whoever gives a chunk may use its memory again.
    chunks.push(new Uint8Array(one.value))
    length += one.value.length
    if (length > most) return { chunks, isWhole: false, all: continued(chunks, source) }
  }
  return { chunks, isWhole: true, all: continued(chunks, undefined) }
}

/** What was read of a stream, and then the rest of it, whose source is let go of however this ends. */
async function* continued(
  begun: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array> | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* begun
    if (rest === undefined) return
    for (let one = await rest.next(); one.done !== true; one = await rest.next()) yield one.value
  } finally {
    await rest?.return?.()
  }
}
